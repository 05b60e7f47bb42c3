------------------------------ MODULE HandOver ------------------------------
(***************************************************************************)
(* One entity moves between two zones, over a network in which whatever    *)
(* was ever sent may arrive at any time, any number of times, or never,    *)
(* and either zone may crash between any two steps.                        *)
(*                                                                         *)
(* The decision is one durable record in the source's log. Waiting decides *)
(* how soon things go on, never who owns what: a time-out may happen at    *)
(* any moment here. Moves are numbered; an odd one goes from "a" to "b".   *)
(***************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS MaxMoves, MaxCrashes

Zones == {"a", "b"}
Other(z) == IF z = "a" THEN "b" ELSE "a"
Modes == {"absent", "owned", "staging", "given", "incoming"}
Moves == 1..MaxMoves

VARIABLES
  memory,    \* zone -> what its process knows
  log,       \* zone -> what its log says
  network,   \* every message ever sent
  crashes

vars == << memory, log, network, crashes >>

(* `move`: that of the entity as far as the zone knows. `taken`: the last move whose op was applied here. *)
(* `outbox`: the last move that was given away from here and is not acknowledged, or 0.                   *)
State == [mode: Modes, move: 0..MaxMoves, taken: 0..MaxMoves, outbox: 0..MaxMoves]
Message == [kind: {"ask", "ready", "full", "op", "ack"}, to: Zones, move: Moves]

IsOwner(state) == state.mode \in {"owned", "staging"}

(* Questions and kept room are in no log. *)
Recovered(state) ==
  CASE state.mode = "staging" -> [state EXCEPT !.mode = "owned"]
    [] state.mode = "incoming" -> [state EXCEPT !.mode = "absent"]
    [] OTHER -> state

Init ==
  /\ memory = [z \in Zones |-> [mode |-> IF z = "a" THEN "owned" ELSE "absent", move |-> 0, taken |-> 0, outbox |-> 0]]
  /\ log = memory
  /\ network = {}
  /\ crashes = 0

Say(kind, to, move) == network' = network \cup {[kind |-> kind, to |-> to, move |-> move]}

----------------------------------------------------------------------------
(* Before the decision: a courtesy that nothing depends on. *)

Ask(z) ==
  /\ memory[z].mode \in {"owned", "staging"}
  /\ memory[z].move < MaxMoves
  /\ memory' = [memory EXCEPT ![z].mode = "staging"]
  /\ Say("ask", Other(z), memory[z].move + 1)
  /\ UNCHANGED << log, crashes >>

(* The entity has walked back, or nobody has answered. *)
GiveUpAsking(z) ==
  /\ memory[z].mode = "staging"
  /\ memory' = [memory EXCEPT ![z].mode = "owned"]
  /\ UNCHANGED << log, network, crashes >>

Asked(z, m) ==
  /\ m.kind = "ask" /\ m.to = z
  /\ ~IsOwner(memory[z])
  /\ \/ /\ memory' = [memory EXCEPT ![z].mode = IF @ = "absent" THEN "incoming" ELSE @]
        /\ Say("ready", Other(z), m.move)
     \/ /\ memory' = memory
        /\ Say("full", Other(z), m.move)
  /\ UNCHANGED << log, crashes >>

LetRoomGo(z) ==
  /\ memory[z].mode = "incoming"
  /\ memory' = [memory EXCEPT ![z].mode = "absent"]
  /\ UNCHANGED << log, network, crashes >>

Refused(z, m) ==
  /\ m.kind = "full" /\ m.to = z
  /\ memory[z].mode = "staging" /\ m.move = memory[z].move + 1
  /\ memory' = [memory EXCEPT ![z].mode = "owned"]
  /\ UNCHANGED << log, network, crashes >>

----------------------------------------------------------------------------
(* The decision, and what follows from it. *)

Give(z, m) ==
  /\ m.kind = "ready" /\ m.to = z
  /\ memory[z].mode = "staging" /\ m.move = memory[z].move + 1
  /\ memory' = [memory EXCEPT ![z].mode = "given", ![z].move = m.move, ![z].outbox = m.move]
  /\ network' = network
  /\ UNCHANGED << log, crashes >>

(* The batch is in the log: what it sends may leave, what it took may be acknowledged. *)
Commit(z) ==
  /\ log[z] # Recovered(memory[z])
  /\ log' = [log EXCEPT ![z] = Recovered(memory[z])]
  /\ network' = network
       \cup (IF memory[z].outbox > 0 THEN {[kind |-> "op", to |-> Other(z), move |-> memory[z].outbox]} ELSE {})
       \cup (IF memory[z].taken > 0 THEN {[kind |-> "ack", to |-> Other(z), move |-> memory[z].taken]} ELSE {})
  /\ UNCHANGED << memory, crashes >>

(* The op is applied once, whatever the zone said before: nobody else has the entity. *)
Take(z, m) ==
  /\ m.kind = "op" /\ m.to = z
  /\ m.move > memory[z].taken
  /\ memory' = [memory EXCEPT ![z].mode = "owned", ![z].move = m.move, ![z].taken = m.move]
  /\ UNCHANGED << log, network, crashes >>

Acknowledged(z, m) ==
  /\ m.kind = "ack" /\ m.to = z
  /\ memory[z].outbox = m.move
  /\ memory' = [memory EXCEPT ![z].outbox = 0, ![z].mode = IF @ = "given" THEN "absent" ELSE @]
  /\ UNCHANGED << log, network, crashes >>

(* Nothing is taken back: the outbox sends its op again. *)
TimeoutGiven(z) ==
  /\ memory[z].mode = "given" /\ log[z].outbox = memory[z].move
  /\ memory' = memory
  /\ Say("op", Other(z), memory[z].move)
  /\ UNCHANGED << log, crashes >>

Crash(z) ==
  /\ crashes < MaxCrashes
  /\ crashes' = crashes + 1
  /\ memory' = [memory EXCEPT ![z] = log[z]]
  /\ UNCHANGED << log, network >>

Next ==
  \/ \E z \in Zones : Ask(z) \/ GiveUpAsking(z) \/ LetRoomGo(z) \/ Commit(z) \/ TimeoutGiven(z) \/ Crash(z)
  \/ \E z \in Zones, m \in network : Asked(z, m) \/ Refused(z, m) \/ Give(z, m) \/ Take(z, m) \/ Acknowledged(z, m)

(* What is repeated for ever arrives some time, and a zone that lives commits. *)
Fairness ==
  \A z \in Zones :
    /\ WF_vars(Commit(z))
    /\ SF_vars(\E m \in network : Take(z, m))
Spec == Init /\ [][Next]_vars /\ Fairness

----------------------------------------------------------------------------

TypeOK ==
  /\ memory \in [Zones -> State]
  /\ log \in [Zones -> State]
  /\ network \subseteq Message
  /\ crashes \in 0..MaxCrashes

OneOwnerAtMost == Cardinality({z \in Zones : IsOwner(memory[z])}) <= 1

(* A copy is a zone that owns the entity, or an op in a log that its receiver's log has not applied. *)
Owners == {z \in Zones : IsOwner(log[z])}
OnTheWay == {z \in Zones : log[z].outbox > log[Other(z)].taken}
OneDurableCopy == Cardinality(Owners) + Cardinality(OnTheWay) = 1

NothingSentBeforeDurable ==
  \A m \in network : m.kind = "op" => log[Other(m.to)].move >= m.move

AckedIsDurable == \A m \in network : m.kind = "ack" => log[Other(m.to)].taken >= m.move

(* Whatever is given is owned again, for good or until it is given on. *)
SomebodyOwnsItAgain == []<>(\E z \in Zones : IsOwner(log[z]))
=============================================================================
