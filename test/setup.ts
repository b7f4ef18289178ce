import fc from "fast-check";

// Property tests draw the same cases every time, so that a failure is a change of the code; FC_SEED draws others.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_260) });
