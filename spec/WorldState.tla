----------------------------- MODULE WorldState -----------------------------
(***************************************************************************)
(* The transaction of a world: players' inputs are taken down durably, a   *)
(* frame applies all that wait in one atomic step and logs them, and the   *)
(* frame is told to the players.                                           *)
(*                                                                         *)
(* Frames go by time, not by attendance: a frame begins when any input     *)
(* waits, so a silent player holds up nobody. A frame without inputs       *)
(* would change nothing and is not logged. Inputs are numbered per player; *)
(* clients repeat what they are not sure of, and the number tells.         *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS
  NumPlayers,   \* players are 1..NumPlayers; so are their avatars' ids
  Silent,       \* players who never send anything
  MaxInputs,    \* inputs per player
  InputTypes,   \* what players may ask for, of "harvest", "build", "give", "idle"
  MaxEntities,  \* ids of entities are 1..MaxEntities
  TreeWood      \* wood that the only tree has at first

Players == 1..NumPlayers
EntityId == 1..MaxEntities
Tree == NumPlayers + 1

ASSUME InputTypes \subseteq {"harvest", "build", "give", "idle"}
ASSUME Silent \subseteq Players /\ Tree \in EntityId /\ TreeWood > 0

VARIABLES
  players,             \* who is there
  playerInputs,        \* player -> inputs that were accepted and wait for a frame
  accepted,            \* player -> number of the last input that was accepted
  serverFrames,        \* the log: a sequence of frames
  frameNumber,         \* frames so far
  serverState,         \* what the server is doing
  worldEntities,       \* ids of the entities that exist
  entityState,         \* id -> [type, wood], for those that exist
  transactionCounter   \* durable transactions so far

vars == << players, playerInputs, accepted, serverFrames, frameNumber, serverState, worldEntities, entityState,
           transactionCounter >>

Input == [player: Players, number: 1..MaxInputs, type: InputTypes]
Entity == [type: {"avatar", "tree", "wall"}, wood: 0..TreeWood]
World == [entities |-> worldEntities, state |-> entityState]

----------------------------------------------------------------------------
(* The world's rules: a function of the world and the inputs, nothing else. *)

InitialEntities == Players \cup {Tree}
InitialWorld ==
  [ entities |-> InitialEntities,
    state |-> [id \in InitialEntities |->
                IF id = Tree THEN [type |-> "tree", wood |-> TreeWood] ELSE [type |-> "avatar", wood |-> 0]] ]

Free(world) == EntityId \ world.entities
Least(ids) == CHOOSE id \in ids : \A other \in ids : id <= other
Neighbour(p) == (p % NumPlayers) + 1

(* Wood goes from one entity to another; a tree without wood is gone. *)
Move(world, from, to) ==
  LET state == [world.state EXCEPT ![from].wood = @ - 1, ![to].wood = @ + 1]
      left == IF from = Tree /\ state[Tree].wood = 0 THEN world.entities \ {Tree} ELSE world.entities
  IN [entities |-> left, state |-> [id \in left |-> state[id]]]

Build(world, p) ==
  LET wall == Least(Free(world))
      ids == world.entities \cup {wall}
  IN [ entities |-> ids,
       state |-> [id \in ids |->
                   IF id = wall THEN [type |-> "wall", wood |-> 1]
                   ELSE IF id = p THEN [world.state[p] EXCEPT !.wood = @ - 1]
                   ELSE world.state[id]] ]

(* An input that the rules reject changes nothing; it is logged all the same, for its number is used up. *)
Apply(world, input) ==
  LET p == input.player
      hasWood == world.state[p].wood > 0
      hasTree == Tree \in world.entities /\ world.state[Tree].type = "tree"
  IN CASE input.type = "harvest" /\ hasTree -> Move(world, Tree, p)
       [] input.type = "build" /\ hasWood /\ Free(world) # {} -> Build(world, p)
       [] input.type = "give" /\ hasWood /\ Neighbour(p) # p -> Move(world, p, Neighbour(p))
       [] OTHER -> world

RECURSIVE ApplyInputs(_, _)
ApplyInputs(world, inputs) ==
  IF inputs = << >> THEN world ELSE ApplyInputs(Apply(world, Head(inputs)), Tail(inputs))

RECURSIVE Waiting(_)
Waiting(upTo) == IF upTo = 0 THEN << >> ELSE Waiting(upTo - 1) \o playerInputs[upTo]

----------------------------------------------------------------------------

Init ==
  /\ players = Players
  /\ playerInputs = [p \in Players |-> << >>]
  /\ accepted = [p \in Players |-> 0]
  /\ serverFrames = << >>
  /\ frameNumber = 0
  /\ serverState = "waiting_for_inputs"
  /\ worldEntities = InitialWorld.entities
  /\ entityState = InitialWorld.state
  /\ transactionCounter = 0

(* The first transaction: an input is accepted, durably. It may come while a frame is told: it is for the next. *)
SendInput(p, number, type) ==
  /\ p \notin Silent
  /\ number = accepted[p] + 1
  /\ playerInputs' = [playerInputs EXCEPT ![p] = Append(@, [player |-> p, number |-> number, type |-> type])]
  /\ accepted' = [accepted EXCEPT ![p] = number]
  /\ transactionCounter' = transactionCounter + 1
  /\ UNCHANGED << players, serverFrames, frameNumber, serverState, worldEntities, entityState >>

StartProcessingInputs ==
  /\ serverState = "waiting_for_inputs"
  /\ \E p \in players : playerInputs[p] # << >>
  /\ serverState' = "processing_inputs"
  /\ UNCHANGED << players, playerInputs, accepted, serverFrames, frameNumber, worldEntities, entityState,
                  transactionCounter >>

(* The second transaction: world, log and queues change together or not at all. *)
ProcessInputsAndUpdateWorld ==
  /\ serverState = "processing_inputs"
  /\ LET inputs == Waiting(NumPlayers)
         after == ApplyInputs(World, inputs)
     IN /\ worldEntities' = after.entities
        /\ entityState' = after.state
        /\ serverFrames' = Append(serverFrames, [frameNo |-> frameNumber + 1, inputsProcessed |-> inputs])
  /\ frameNumber' = frameNumber + 1
  /\ playerInputs' = [p \in Players |-> << >>]
  /\ transactionCounter' = transactionCounter + 1
  /\ serverState' = "broadcasting_frame_info"
  /\ UNCHANGED << players, accepted >>

FinishFrameCycle ==
  /\ serverState = "broadcasting_frame_info"
  /\ serverState' = "waiting_for_inputs"
  /\ playerInputs' = playerInputs
  /\ UNCHANGED << players, accepted, serverFrames, frameNumber, worldEntities, entityState, transactionCounter >>

Next ==
  \/ \E p \in Players, number \in 1..MaxInputs, type \in InputTypes : SendInput(p, number, type)
  \/ StartProcessingInputs
  \/ ProcessInputsAndUpdateWorld
  \/ FinishFrameCycle

(* Nobody has to send. The server goes on. *)
Fairness == WF_vars(StartProcessingInputs) /\ WF_vars(ProcessInputsAndUpdateWorld) /\ WF_vars(FinishFrameCycle)
Spec == Init /\ [][Next]_vars /\ Fairness

----------------------------------------------------------------------------

RECURSIVE Logged(_)
Logged(upTo) == IF upTo = 0 THEN << >> ELSE Logged(upTo - 1) \o serverFrames[upTo].inputsProcessed
AllLogged == Logged(Len(serverFrames))

RECURSIVE Sum(_, _)
Sum(f, ids) == IF ids = {} THEN 0 ELSE LET id == Least(ids) IN f[id] + Sum(f, ids \ {id})

Occurrences(inputs, p, n) == Cardinality({i \in DOMAIN inputs : inputs[i].player = p /\ inputs[i].number = n})

TypeOK ==
  /\ players = Players
  /\ DOMAIN playerInputs = Players
  /\ \A p \in Players : \A i \in DOMAIN playerInputs[p] : playerInputs[p][i] \in Input
  /\ accepted \in [Players -> 0..MaxInputs]
  /\ frameNumber \in Nat
  /\ transactionCounter \in Nat
  /\ serverState \in {"waiting_for_inputs", "processing_inputs", "broadcasting_frame_info"}
  /\ worldEntities \subseteq EntityId
  /\ DOMAIN entityState = worldEntities
  /\ \A id \in worldEntities : entityState[id] \in Entity

(* Wood is neither made nor lost. *)
Conservation == Sum([id \in worldEntities |-> entityState[id].wood], worldEntities) = TreeWood

(* Each accepted input is in exactly one frame, or still waits for its only one. *)
ExactlyOnce ==
  LET all == AllLogged \o Waiting(NumPlayers)
  IN \A p \in Players : \A n \in 1..MaxInputs : Occurrences(all, p, n) = IF n <= accepted[p] THEN 1 ELSE 0

(* A player's inputs take effect in the order of their numbers. *)
PlayerOrder ==
  LET all == AllLogged
  IN \A i, j \in DOMAIN all : i < j /\ all[i].player = all[j].player => all[i].number < all[j].number

(* The first world and the log make the world. *)
ReplayReproduces == ApplyInputs(InitialWorld, AllLogged) = World

CounterIsInputsAndFrames == transactionCounter = Sum(accepted, Players) + frameNumber

FramesConsecutive ==
  /\ frameNumber = Len(serverFrames)
  /\ \A i \in DOMAIN serverFrames : serverFrames[i].frameNo = i

(* Though some player is silent for ever. *)
EveryInputIsProcessed ==
  \A p \in Players : \A n \in 1..MaxInputs : (accepted[p] >= n) ~> (Occurrences(AllLogged, p, n) = 1)
=============================================================================
