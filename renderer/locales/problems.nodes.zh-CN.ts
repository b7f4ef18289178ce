/** 各个节点的问题说明。 */
export const nodeProblemsZhCN = {} as const;
