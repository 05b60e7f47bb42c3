/**
 * Of the rules by which fights are fought. Raised by every change after which the same configuration, game data and seed
 * come to other results: those of different versions are never merged, and nodes of another one get no work.
 */
export const ENGINE_VERSION = 1
