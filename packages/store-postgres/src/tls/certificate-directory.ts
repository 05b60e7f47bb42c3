/** Holds files that are decided but not yet moved to their places one level up. */
export const STAGED = '.staged'
