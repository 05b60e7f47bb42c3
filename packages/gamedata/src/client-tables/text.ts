/** `Kil'jaeden's Cunning` is `kiljaedens_cunning`: a name as rotations write it, which begins with a letter. */
export function tokenOf(name: string): string {
  const words = name
    .normalize('NFD')
    .replace(/[\u0300-\u036f'’]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return /^[a-z]/.test(words) ? words : `_${words}`
}

/** `RUNIC_POWER` is `Runic Power`. */
export function titleOf(tag: string): string {
  return tag
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}
