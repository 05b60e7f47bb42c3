import type { Failure } from '../load/galaxy-source.js'

const SHOWN_MAX = 50

/** What is wrong with a file, element by element. */
export function ProblemList({ problems }: Pick<Failure, 'problems'>) {
  if (problems.length === 0) return null
  return (
    <>
      <ul className="galaxy-problems" data-testid="galaxy-problems">
        {problems.slice(0, SHOWN_MAX).map(({ element, message }) => (
          <li key={`${element} ${message}`}>
            <code>{element}</code>
            <span>{message}</span>
          </li>
        ))}
      </ul>
      {problems.length > SHOWN_MAX && <p className="hint">and {problems.length - SHOWN_MAX} more</p>}
    </>
  )
}
