import { randomUUID } from "node:crypto";
import { HeddleError, toHeddleError } from "../../../common/errors.ts";
import { type DeliveryOrder, isFinished } from "../../queue/job.ts";
import type { ApiContext } from "../context.ts";
import { workflowOfOrder } from "../order/order.ts";
import { errorOf, errorsOfIssues, type RunwareError, RunwareProblem } from "./errors.ts";
import { anyTaskSchema, getResponseSchema, imageUploadSchema } from "./inputs.ts";
import { type RunwareFacts, tellJob } from "./results.ts";
import { takeTask } from "./take-order.ts";

/** What goes back to the client; a task may have several answers. */
export interface RunwareAnswer {
  data?: object[];
  errors?: RunwareError[];
}

export interface TaskOptions {
  /** Of addresses in answers, such as `http://127.0.0.1:4333`. */
  origin: string;
  answer(answer: RunwareAnswer): void;
  /** Cancels what the task started. */
  signal?: AbortSignal;
}

/** Carries out one task. Whatever is wrong with it is an answer too; the promise resolves when there is no more to
 * say, and rejects (after an answer) only when Heddle itself is at fault. */
export async function runTask(input: unknown, options: TaskOptions, context: ApiContext): Promise<void> {
  const task = anyTaskSchema.safeParse(input);
  if (!task.success) {
    const message = "A task is an object with a taskType and a taskUUID.";
    options.answer({ errors: [{ code: "invalidTask", message, parameter: "taskType" }] });
    return;
  }
  const { taskType, taskUUID } = task.data;
  const place = { taskType, ...(taskUUID === undefined ? {} : { taskUUID }) };
  try {
    const run = Object.hasOwn(tasks, taskType) ? tasks[taskType] : undefined;
    if (!run)
      throw new RunwareProblem([
        {
          code: "unsupportedTaskType",
          message: `The task '${taskType}' is not available here.`,
          parameter: "taskType",
        },
      ]);
    await run(task.data, options, context);
  } catch (error) {
    const isExpected = error instanceof RunwareProblem || error instanceof HeddleError;
    const errors = error instanceof RunwareProblem ? error.errors : [errorOf(toHeddleError(error))];
    options.answer({ errors: errors.map((one) => ({ ...place, ...one })) });
    if (!isExpected) throw error;
  }
}

type Task = (input: unknown, options: TaskOptions, context: ApiContext) => Promise<void>;

const tasks: Readonly<Record<string, Task>> = {
  async ping(_, { answer }) {
    answer({ data: [{ taskType: "ping", pong: true }] });
  },

  async imageUpload(input, { answer, origin }, { pictures, uploads, openImage }) {
    const parsed = imageUploadSchema.safeParse(input);
    if (!parsed.success) throw new RunwareProblem(errorsOfIssues(parsed.error.issues));
    const { taskUUID, image } = parsed.data;
    const taken = await pictures.takeText(image).catch((error: unknown) => {
      throw new RunwareProblem([errorOf(error, "image")]);
    });
    const file = await openImage(taken.hash);
    if (!file)
      throw new RunwareProblem([
        { code: "pictureNotFound", message: "The picture could not be kept.", parameter: "image" },
      ]);
    const imageUUID = randomUUID();
    const name = `picture.${taken.mimeType.split("/")[1]}`;
    await uploads.adopt(imageUUID, { path: file.path, contentType: taken.mimeType, name });
    answer({
      data: [
        { taskType: "imageUpload", taskUUID, imageUUID, imageURL: `${origin}/files/uploads/${imageUUID}/${name}` },
      ],
    });
  },

  async imageInference(input, { answer, origin, signal }, context) {
    const { jobs, results } = context;
    const { task, orders } = await takeTask(input, context);
    const { taskUUID } = task;
    if (jobs.ofGroup(taskUUID).some((job) => !isFinished(job))) {
      const message = "A task with this taskUUID is in progress.";
      throw new RunwareProblem([{ code: "duplicateTaskUUID", message, parameter: "taskUUID" }]);
    }
    const { waiting, limit } = jobs.load;
    if (waiting + orders.length > limit) {
      throw new RunwareProblem([{ code: "queueFull", message: "Too many tasks are waiting. Try again later." }]);
    }
    const deliveries: DeliveryOrder[] = [
      ...(task.webhookURL === undefined ? [] : [{ kind: "webhook" as const, url: task.webhookURL }]),
      ...(task.uploadEndpoint === undefined ? [] : [{ kind: "upload" as const, url: task.uploadEndpoint }]),
    ];
    const ids = orders.map((order) => {
      const facts: RunwareFacts = {
        taskUUID,
        seed: order.seed,
        outputType: task.outputType,
        includeCost: task.includeCost,
        checkContent: task.safety?.checkContent ?? task.checkNSFW ?? false,
        ...(task.ttl === undefined ? {} : { ttlSeconds: task.ttl }),
        origin,
      };
      return jobs.start({ origin: "runware", group: taskUUID, document: workflowOfOrder(order), facts, deliveries })
        .runId;
    });
    if (task.deliveryMethod === "async") {
      answer({ data: [{ taskType: "imageInference", taskUUID }] });
      return;
    }
    signal?.addEventListener("abort", () => {
      for (const id of ids) jobs.cancel(id);
    });
    await Promise.all(
      ids.map(async (id) => {
        const told = await tellJob(await jobs.finished(id), results, origin);
        answer("data" in told ? { data: [told.data] } : { errors: [told.error] });
      }),
    );
  },

  async getResponse(input, { answer, origin }, { jobs, results }) {
    const parsed = getResponseSchema.safeParse(input);
    if (!parsed.success) throw new RunwareProblem(errorsOfIssues(parsed.error.issues));
    const found = jobs.ofGroup(parsed.data.taskUUID).filter((job) => job.origin === "runware");
    if (found.length === 0) {
      throw new HeddleError({
        code: "task-not-found",
        message: "There is no such task (any more).",
        help: "Send it again.",
      });
    }
    const told = await Promise.all(found.map((job) => tellJob(job, results, origin)));
    const data = told.flatMap((one) => ("data" in one ? [one.data] : []));
    const errors = told.flatMap((one) => ("error" in one ? [one.error] : []));
    answer({ ...(data.length > 0 ? { data } : {}), ...(errors.length > 0 ? { errors } : {}) });
  },
};
