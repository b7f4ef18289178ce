/** A linear layer of a model, as LoRAs name it. */
export interface LinearModule {
  /** Path below the model's root, as in the checkpoint: `layers.0.attention.to_q`. */
  readonly path: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly hasBias: boolean;
}
