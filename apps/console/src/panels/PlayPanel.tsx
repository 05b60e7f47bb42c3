import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { FeedPanel } from './FeedPanel.js'
import { GenericControls } from './GenericControls.js'
import { SignIn } from './SignIn.js'

/** Sign in; then the world's controls, and what became of each input. */
export function PlayPanel() {
  const model = useModel()
  const identity = useStore(model.session.identity)
  if (identity.state !== 'playing') return <SignIn />
  const Controls = model.view.controls ?? GenericControls
  return (
    <div className="play">
      <Controls />
      <FeedPanel />
    </div>
  )
}
