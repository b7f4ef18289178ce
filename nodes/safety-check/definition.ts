import type { NodeDefinition } from "../../graph/definition.ts";

const mayCheck = { param: "check", equals: ["default", "on"] };

export const definition: NodeDefinition = {
  type: "safety-check",
  version: 1,
  title: "Safety Check",
  category: "image",
  description:
    "Looks at pictures with a classifier of your choice and blurs, blacks out or only marks those that are not safe to show. Any image classifier as ONNX will do; a JSON file beside it says its labels and from which score which of them count. Put it between VAE Decode and Save Image. Nothing leaves your machine.",
  aliases: [
    "NSFW",
    "content filter",
    "safety checker",
    "enable_safety_checker",
    "checkContent",
    "classifier",
    "censor",
  ],
  inputs: [{ name: "image", type: "image", label: "Image" }],
  outputs: [
    { name: "image", type: "image", label: "Image" },
    { name: "hasNsfwConcepts", type: "boolean", label: "Any unsafe", description: "Whether any picture is not safe." },
    {
      name: "report",
      type: "text",
      label: "Report",
      description: "JSON: for each picture whether it is unsafe, and the scores of all labels.",
    },
  ],
  params: [
    {
      kind: "choice",
      name: "check",
      label: "Check",
      default: "default",
      options: [
        {
          value: "default",
          label: "As set for the workflow",
          description: "On, unless the workflow’s settings, or HEDDLE_SAFETY_CHECK, say off",
        },
        { value: "on", label: "On", description: "Always looks at the pictures" },
        { value: "off", label: "Off", description: "Passes every picture on" },
      ],
    },
    {
      kind: "choice",
      name: "action",
      label: "Unsafe pictures",
      default: "blur",
      visibleWhen: mayCheck,
      options: [
        { value: "blur", label: "Blur", description: "Nothing can be made out any more" },
        { value: "block", label: "Black out", description: "A black picture takes the place" },
        { value: "pass", label: "Mark only", description: "The picture goes on as it is, and says that it is unsafe" },
      ],
    },
    {
      kind: "model",
      name: "classifier",
      label: "Classifier",
      description: "An ONNX file in classifiers of a models folder, with a JSON file of labels beside it.",
      modelKind: "classifier",
      default: "classifiers/safety.onnx",
      visibleWhen: mayCheck,
    },
  ],
};
