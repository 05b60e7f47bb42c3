------------------------------ MODULE ZoneOps ------------------------------
(***************************************************************************)
(* Messages between zones that carry value. A zone is a commit log with    *)
(* the key (zone, seq), and up to two processes that believe they own it:  *)
(* the log decides. Whatever was ever sent may arrive at any time, any     *)
(* number of times, or never; with Lossy it may also vanish. A crash takes *)
(* all that a process has in memory.                                       *)
(*                                                                         *)
(* An op carries what its sender knew to be sent between any two zones     *)
(* (Raynal, Schiper and Toueg, 1991); its receiver applies it when all     *)
(* that was sent there before is applied.                                  *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS
  NumZones,   \* zones are 1..NumZones
  Value,      \* what zone 1 has at first; every op carries 1
  Routes,     \* pairs << from, to >>: who sends to whom
  MaxOps,     \* zone -> ops that it sends at most
  MaxFaults,  \* crashes, and times that an owner is taken for dead
  Lossy

Zones == 1..NumZones

(* Instances. *)
Triangle == {<< 1, 2 >>, << 1, 3 >>, << 2, 3 >>}
TriangleOps == << 2, 1, 0 >>
Pair == {<< 1, 2 >>}
PairOps == << 2, 0 >>

Processes == {"p", "q"}

VARIABLES
  log,       \* zone -> sequence of the epochs of its batches: the length is the last seq
  durable,   \* zone -> state after its last batch
  process,   \* zone -> process -> [up, epoch, seq, state]
  network,   \* ops that may arrive
  receipts,  \* "zone `by` has durably applied `count` ops of zone `of`"
  faults

vars == << log, durable, process, network, receipts, faults >>

(* All of a zone's state is in its log: rows, outbox, and its position in what others send.    *)
(*   sent[k][j]: ops from k to j that are known here                                           *)
(*   applied[k]: ops of k that were applied here                                               *)
(*   history:    those ops in the order of their application, only to judge by                 *)
(*   past:       every op in this zone's causal past, only to judge by                         *)
None == [k \in Zones |-> 0]
StateOf(z) ==
  [ balance |-> IF z = 1 THEN Value ELSE 0, sent |-> [k \in Zones |-> None], applied |-> None, outbox |-> {},
    history |-> << >>, past |-> {} ]

Name(op) == << op.from, op.to, op.number >>
Range(sequence) == {sequence[i] : i \in DOMAIN sequence}
Max(a, b) == IF a > b THEN a ELSE b
RECURSIVE Total(_, _)
Total(f, ids) == IF ids = {} THEN 0 ELSE LET id == CHOOSE id \in ids : TRUE IN f[id] + Total(f, ids \ {id})

LastSeq(z) == Len(log[z])
Epoch(z) == log[z][Len(log[z])]
Down == [up |-> FALSE, epoch |-> 0, seq |-> 0, state |-> << >>]

Init ==
  /\ log = [z \in Zones |-> << 1 >>]
  /\ durable = [z \in Zones |-> StateOf(z)]
  /\ process = [z \in Zones |-> [p \in Processes |->
       IF p = "p" THEN [up |-> TRUE, epoch |-> 1, seq |-> 1, state |-> StateOf(z)] ELSE Down]]
  /\ network = {}
  /\ receipts = {}
  /\ faults = 0

----------------------------------------------------------------------------
(* What leaves a zone with a batch: ops in its outbox, and receipts for what it has applied. *)
Receipts(z, state) == {[by |-> z, of |-> k, count |-> state.applied[k]] : k \in {k \in Zones : state.applied[k] > 0}}

(* A transaction: value is taken from the rows and put into an op, both in one batch. *)
SendOp(z, p, to) ==
  LET me == process[z][p].state
      number == me.sent[z][to] + 1
      op == [from |-> z, to |-> to, number |-> number, sent |-> me.sent, past |-> me.past]
      state == [me EXCEPT !.balance = @ - 1, !.sent[z][to] = number, !.outbox = @ \cup {op}, !.past = @ \cup {Name(op)}]
  IN /\ process[z][p].up
     /\ << z, to >> \in Routes
     /\ me.balance > 0
     /\ Total(me.sent[z], Zones) < MaxOps[z]
     /\ process' = [process EXCEPT ![z][p].state = state]
     /\ network' = network
     /\ UNCHANGED << log, durable, receipts, faults >>

IsNext(me, op) == op.number = me.applied[op.from] + 1
IsDue(me, op) == \A k \in Zones \ {op.from} : op.sent[k][op.to] <= me.applied[k]

(* An op that has to wait stays where it is: it is sent again until there is a receipt. *)
ApplyOp(z, p, op) ==
  LET me == process[z][p].state
      known == [k \in Zones |-> [j \in Zones |->
                 Max(Max(me.sent[k][j], op.sent[k][j]), IF k = op.from /\ j = z THEN op.number ELSE 0)]]
      state == [me EXCEPT !.balance = @ + 1, !.sent = known, !.applied[op.from] = op.number,
                          !.history = Append(@, Name(op)), !.past = @ \cup op.past \cup {Name(op)}]
  IN /\ process[z][p].up
     /\ op.to = z
     /\ IsNext(me, op)
     /\ IsDue(me, op)
     /\ process' = [process EXCEPT ![z][p].state = state]
     /\ receipts' = receipts
     /\ UNCHANGED << log, durable, network, faults >>

(* A receipt covers all ops up to its count. *)
TakeReceipt(z, p, receipt) ==
  LET me == process[z][p].state
      covered == {op \in me.outbox : op.to = receipt.by /\ op.number <= receipt.count}
  IN /\ process[z][p].up
     /\ receipt.of = z
     /\ covered # {}
     /\ process' = [process EXCEPT ![z][p].state.outbox = @ \ covered]
     /\ UNCHANGED << log, durable, network, receipts, faults >>

(* INSERT (zone, seq + 1): it succeeds when nobody has that position. *)
Commit(z, p) ==
  LET me == process[z][p]
  IN /\ me.up
     /\ me.state # durable[z]
     /\ me.seq = LastSeq(z)
     /\ log' = [log EXCEPT ![z] = Append(@, me.epoch)]
     /\ durable' = [durable EXCEPT ![z] = me.state]
     /\ process' = [process EXCEPT ![z][p].seq = @ + 1]
     /\ network' = network \cup me.state.outbox
     /\ receipts' = receipts \cup Receipts(z, me.state)
     /\ UNCHANGED faults

(* The position is taken, so somebody else owns the zone: step down. *)
Fenced(z, p) ==
  /\ process[z][p].up
  /\ process[z][p].seq < LastSeq(z)
  /\ process' = [process EXCEPT ![z][p] = Down]
  /\ UNCHANGED << log, durable, network, receipts, faults >>

(* Another process takes over: it reads the log, and its opening batch fences whoever owned the zone. *)
Open(z, p) ==
  LET isDoubted == \E q \in Processes : process[z][q].up
      epoch == Epoch(z) + 1
  IN /\ ~process[z][p].up
     /\ isDoubted => faults < MaxFaults
     /\ faults' = IF isDoubted THEN faults + 1 ELSE faults
     /\ log' = [log EXCEPT ![z] = Append(@, epoch)]
     /\ process' = [process EXCEPT ![z][p] = [up |-> TRUE, epoch |-> epoch, seq |-> LastSeq(z) + 1, state |-> durable[z]]]
     /\ network' = network \cup durable[z].outbox
     /\ UNCHANGED << durable, receipts >>

Crash(z, p) ==
  /\ process[z][p].up
  /\ faults < MaxFaults
  /\ faults' = faults + 1
  /\ process' = [process EXCEPT ![z][p] = Down]
  /\ UNCHANGED << log, durable, network, receipts >>

Lose(op) ==
  /\ Lossy
  /\ network' = network \ {op}
  /\ UNCHANGED << log, durable, process, receipts, faults >>

(* The outbox sends again all that has no receipt. *)
Resend(z, p) ==
  /\ process[z][p].up
  /\ ~(durable[z].outbox \subseteq network)
  /\ network' = network \cup durable[z].outbox
  /\ UNCHANGED << log, durable, process, receipts, faults >>

Next ==
  \/ \E z \in Zones, p \in Processes :
       \/ \E to \in Zones : SendOp(z, p, to)
       \/ \E op \in network : ApplyOp(z, p, op)
       \/ \E receipt \in receipts : TakeReceipt(z, p, receipt)
       \/ Resend(z, p) \/ Commit(z, p) \/ Fenced(z, p) \/ Open(z, p) \/ Crash(z, p)
  \/ \E op \in network : Lose(op)

(* A zone always has somebody who runs it in the end, and what is sent for ever arrives some time. *)
Fairness ==
  \A z \in Zones :
    /\ WF_vars(\E p \in Processes : Commit(z, p))
    /\ WF_vars(\E p \in Processes : Fenced(z, p))
    /\ WF_vars((\A p \in Processes : ~process[z][p].up) /\ Open(z, "p"))
    /\ WF_vars(\E p \in Processes : Resend(z, p))
    /\ SF_vars(\E p \in Processes, op \in network : process[z][p].seq = LastSeq(z) /\ ApplyOp(z, p, op))
Spec == Init /\ [][Next]_vars /\ Fairness

----------------------------------------------------------------------------

StatesOf(z) == {durable[z]} \cup {process[z][p].state : p \in {p \in Processes : process[z][p].up}}
States == UNION {StatesOf(z) : z \in Zones}

TypeOK ==
  /\ \A z \in Zones :
       /\ durable[z].balance \in 0..Value
       /\ \A i \in DOMAIN log[z] : log[z][i] \in Nat
       /\ \A p \in Processes : process[z][p].up => process[z][p].seq <= LastSeq(z)
  /\ \A op \in network : op.from \in Zones /\ op.to \in Zones \ {op.from} /\ op.number > 0
  /\ \A receipt \in receipts : receipt.by \in Zones /\ receipt.of \in Zones /\ receipt.count > 0
  /\ faults \in 0..MaxFaults

NothingSentBeforeDurable ==
  \A op \in network : durable[op.from].sent[op.from][op.to] >= op.number

AppliedAtMostOnce ==
  \A state \in States : Cardinality(Range(state.history)) = Len(state.history)

(* Whatever happened before an op, and goes to the same zone, is applied there before it. *)
CausalOrder ==
  \A z \in Zones : \A state \in StatesOf(z) :
    \A op \in network :
      op.to = z /\ Name(op) \in Range(state.history)
        => {name \in op.past : name[2] = z} \subseteq Range(state.history)

(* Value is in some zone's rows, or in an op that is durable and not durably applied. *)
UnderWay == {op \in UNION {durable[z].outbox : z \in Zones} : Name(op) \notin Range(durable[op.to].history)}
Conservation == Total([z \in Zones |-> durable[z].balance], Zones) + Cardinality(UnderWay) = Value

(* Once a newer epoch has opened, an older one appends nothing more. *)
SingleAuthority ==
  \A z \in Zones : \A i \in 1..Len(log[z]) - 1 : log[z][i] <= log[z][i + 1]

AckedIsDurable ==
  \A receipt \in receipts : durable[receipt.by].applied[receipt.of] >= receipt.count

(* An op that is durable is applied in the end. *)
EverythingArrives ==
  \A from, to \in Zones : \A n \in 1..MaxOps[from] :
    (durable[from].sent[from][to] >= n) ~> (durable[to].applied[from] >= n)
=============================================================================
