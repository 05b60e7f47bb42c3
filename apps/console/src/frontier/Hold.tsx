import { HOLD_MASS_MAX, MASS, massOf, type Stock } from './frontier-rules.js'

/** What the ship carries. */
export function Hold({ stock }: { readonly stock: Stock }) {
  const mass = massOf(stock)
  return (
    <section className="hold" aria-label="Hold" data-testid="inventory">
      <div className="meter" role="img" aria-label={`Hold ${mass} of ${HOLD_MASS_MAX}`}>
        <span>Hold</span>
        <span className="meter-bar">
          <span style={{ width: `${(mass / HOLD_MASS_MAX) * 100}%` }} />
        </span>
        <span className="meter-figure">
          {mass}/{HOLD_MASS_MAX}
        </span>
      </div>
      <ul className="items">
        {Object.keys(MASS).map((item) => (
          <li key={item} data-empty={!stock.has(item)} data-testid={`item-${item}`}>
            <b>{stock.get(item) ?? 0}</b> {item}
          </li>
        ))}
      </ul>
    </section>
  )
}
