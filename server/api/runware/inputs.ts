import { z } from "zod";
import { acceleratorDefaults, ultralyticsDefaults } from "../../../graph/importers/runware-params.ts";
import { LARGEST_SIDE, SMALLEST_SIDE } from "../size.ts";
import { sampling } from "./schedulers.ts";

/** What Runware's tasks take: names, ranges and defaults as Runware documents them for Z-Image. */

const uuid = z.uuid();
const side = z.int().min(SMALLEST_SIDE).max(LARGEST_SIDE).multipleOf(16);
const picture = z.string().min(1);
const webAddress = z.url({ protocol: /^https?$/ }).max(2_000);
const growth = z.int().min(0).max(1_024).multipleOf(8).default(0);

const controlNet = z
  .strictObject({
    model: z.string().min(1),
    guideImage: picture,
    weight: z.number().min(-4).max(4).default(1),
    controlMode: z.enum(["balanced", "prompt", "controlnet"]).default("balanced"),
    startStep: z.int().min(0).optional(),
    endStep: z.int().min(1).optional(),
    startStepPercentage: z.int().min(0).max(99).optional(),
    endStepPercentage: z.int().min(1).max(100).optional(),
  })
  .refine(
    ({ startStep = 0, endStep, startStepPercentage = 0, endStepPercentage = 100 }) =>
      (endStep === undefined || endStep > startStep) && endStepPercentage > startStepPercentage,
    { path: ["endStep"], message: "the end must lie behind the start" },
  );

/** One kind of caching at a time, and when it may leave work out. */
const acceleratorOptions = z
  .strictObject({
    fbCache: z.boolean().default(acceleratorDefaults.fbCache),
    fbCacheThreshold: z.number().min(0).max(1).default(acceleratorDefaults.fbCacheThreshold),
    teaCache: z.boolean().default(acceleratorDefaults.teaCache),
    teaCacheDistance: z.number().min(0).max(1).default(acceleratorDefaults.teaCacheDistance),
    dbCache: z.boolean().default(acceleratorDefaults.dbCache),
    dbCacheThreshold: z.number().min(0).max(1).default(acceleratorDefaults.dbCacheThreshold),
    dbCacheSkipInterval: z.int().min(1).max(50).default(acceleratorDefaults.dbCacheSkipInterval),
    cacheStartStep: z.int().min(0).optional(),
    cacheEndStep: z.int().min(1).optional(),
    cacheStartStepPercentage: z.int().min(0).max(99).optional(),
    cacheEndStepPercentage: z.int().min(1).max(100).optional(),
    cacheMaxConsecutiveSteps: z.int().min(1).max(5).default(acceleratorDefaults.cacheMaxConsecutiveSteps),
  })
  .refine(({ fbCache, teaCache, dbCache }) => [fbCache, teaCache, dbCache].filter(Boolean).length <= 1, {
    message: "only one of fbCache, teaCache and dbCache can be on",
  })
  .refine(
    ({ cacheStartStep = 0, cacheEndStep, cacheStartStepPercentage = 0, cacheEndStepPercentage = 100 }) =>
      (cacheEndStep === undefined || cacheEndStep > cacheStartStep) &&
      cacheEndStepPercentage > cacheStartStepPercentage,
    { path: ["cacheEndStep"], message: "the end must lie behind the start" },
  );

const ultralytics = z.strictObject({
  CFGScale: z.number().min(0).max(50).default(ultralyticsDefaults.CFGScale),
  confidence: z.number().min(0).max(1).default(ultralyticsDefaults.confidence),
  inpaintSize: z.int().min(128).max(2_048).default(ultralyticsDefaults.inpaintSize),
  maskBlur: z.int().min(0).max(100).default(ultralyticsDefaults.maskBlur),
  maskPadding: z.int().min(0).max(20).default(ultralyticsDefaults.maskPadding),
  negativePrompt: z.string().max(10_000).default(ultralyticsDefaults.negativePrompt),
  positivePrompt: z.string().max(10_000).default(ultralyticsDefaults.positivePrompt),
  steps: z.int().min(1).max(100).default(ultralyticsDefaults.steps),
  strength: z.number().min(0).max(1).default(ultralyticsDefaults.strength),
});
export type Ultralytics = z.infer<typeof ultralytics>;

export const imageInferenceSchema = z
  .strictObject({
    taskType: z.literal("imageInference"),
    taskUUID: uuid,
    outputType: z.enum(["URL", "base64Data", "dataURI"]).default("URL"),
    outputFormat: z.enum(["JPG", "PNG", "WEBP"]).default("JPG"),
    outputQuality: z.int().min(20).max(99).default(95),
    webhookURL: webAddress.optional(),
    uploadEndpoint: webAddress.optional(),
    deliveryMethod: z.enum(["sync", "async"]).default("sync"),
    ttl: z
      .int()
      .min(60)
      .max(7 * 86_400)
      .optional(),
    includeCost: z.boolean().default(false),
    safety: z.strictObject({ checkContent: z.boolean().default(false) }).optional(),
    checkNSFW: z.boolean().optional(),
    numberResults: z.int().min(1).max(20).default(1),
    acceleratorOptions: acceleratorOptions.optional(),
    ultralytics: ultralytics.optional(),
    model: z.string().min(1).max(1_000),
    positivePrompt: z.string().min(2).max(10_000),
    negativePrompt: z.string().min(2).max(3_000).optional(),
    width: side,
    height: side,
    /** As a JSON number, exact up to 2^53 only. */
    seed: z
      .number()
      .min(0)
      .max(2 ** 63)
      .refine(Number.isInteger, "must be a whole number")
      .optional(),
    steps: z.int().min(1).max(50).optional(),
    scheduler: z
      .string()
      .refine((name) => sampling(name) !== undefined, "this scheduler is not available here")
      .default("Default"),
    CFGScale: z.number().min(0).max(20).optional(),
    strength: z.number().min(0).max(1).optional(),
    seedImage: picture.optional(),
    maskImage: picture.optional(),
    inputs: z.strictObject({ seedImage: picture.optional(), maskImage: picture.optional() }).optional(),
    maskMargin: z.int().min(32).max(128).optional(),
    outpaint: z
      .strictObject({
        top: growth,
        right: growth,
        bottom: growth,
        left: growth,
        blur: z.int().min(0).max(32).default(0),
      })
      .refine(({ top, right, bottom, left }) => top + right + bottom + left > 0, "needs a side that grows")
      .optional(),
    lora: z
      .array(
        z.strictObject({
          model: z.string().min(1).max(1_000),
          weight: z.number().min(-4).max(4).default(1),
          transformer: z.literal("both", "only both is available here: the model has one stage").optional(),
        }),
      )
      .min(1)
      .max(20)
      .optional(),
    controlNet: z.array(controlNet).min(1).max(5).optional(),
  })
  .refine(({ maskImage, inputs, seedImage }) => !(maskImage ?? inputs?.maskImage) || (seedImage ?? inputs?.seedImage), {
    path: ["seedImage"],
    message: "a mask needs the picture that it belongs to",
  })
  .refine(({ maskMargin, maskImage, inputs }) => maskMargin === undefined || (maskImage ?? inputs?.maskImage), {
    path: ["maskImage"],
    message: "maskMargin needs the mask that it surrounds",
  })
  .refine(({ maskMargin, outpaint }) => maskMargin === undefined || outpaint === undefined, {
    path: ["maskMargin"],
    message:
      "maskMargin zooms into a masked place, and outpaint draws around the whole picture: only one of them can be used",
  })
  .refine(({ outpaint, inputs, seedImage }) => !outpaint || (seedImage ?? inputs?.seedImage), {
    path: ["seedImage"],
    message: "outpaint needs the picture that grows",
  });
export type ImageInference = z.infer<typeof imageInferenceSchema>;

export const imageUploadSchema = z.strictObject({ taskType: z.literal("imageUpload"), taskUUID: uuid, image: picture });
export const getResponseSchema = z.strictObject({ taskType: z.literal("getResponse"), taskUUID: uuid });
export const authenticationSchema = z.looseObject({ taskType: z.literal("authentication"), apiKey: z.string() });
/** Of any task: as much as its answer needs. */
export const anyTaskSchema = z.looseObject({ taskType: z.string(), taskUUID: z.string().max(100).optional() });
