/** The last code; the code behind it is the first. */
export const CODE_MAX = 1_073_741_823

/**
 * The zone map, all versions of it. The ranges of a version and an authority form a ring: `next` is the code behind a
 * range, and must be the first code of a range (foreign key), of which no two ranges are the predecessor (unique).
 * So each range has exactly one successor and one predecessor; codes only ascend on the way round, but for the step
 * from the last code to code 0, whose range there is only one of. Hence there is one ring, it goes round once, and the
 * ranges have every code exactly once. Constraints hold at the end of a statement: a version's ranges come in one.
 */
export const MAP_STATEMENTS: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS terrane.zone_map_version (
    id int8 PRIMARY KEY,
    version int8 NOT NULL
  )`,
  'INSERT INTO terrane.zone_map_version (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING',
  `CREATE TABLE IF NOT EXISTS terrane.zone_map (
    version int8 NOT NULL,
    authority text NOT NULL,
    lo int8 NOT NULL,
    hi int8 NOT NULL,
    next int8 NOT NULL,
    zone_id text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (version, authority, lo),
    CONSTRAINT zone_map_authority_known CHECK (authority = 'spatial' OR authority = 'persona'),
    CONSTRAINT zone_map_codes CHECK (lo >= 0 AND lo <= hi AND hi <= ${CODE_MAX}),
    CONSTRAINT zone_map_next CHECK (next = hi + 1 OR (hi = ${CODE_MAX} AND next = 0)),
    CONSTRAINT zone_map_no_overlap UNIQUE (version, authority, next),
    CONSTRAINT zone_map_no_gap FOREIGN KEY (version, authority, next) REFERENCES terrane.zone_map (version, authority, lo)
  )`,
]
