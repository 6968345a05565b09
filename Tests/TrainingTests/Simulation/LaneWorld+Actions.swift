import Checkpointing
import Learning
import Logging
import TestSupport

@testable import Training

/// What can happen.
extension LaneWorld {
    enum Action: Int {
        case produce, step, start, kill, killLater, leave, rebalance, wake, waitAWhile, clean, bendTheBroker, damage, command, renewReader

        /// How often each happens, in a hundred actions.
        static let weights: [(Action, Int)] = [
            (.produce, 18), (.step, 28), (.start, 6), (.kill, 4), (.killLater, 3), (.leave, 1), (.rebalance, 4), (.wake, 8),
            (.waitAWhile, 6), (.clean, 8), (.bendTheBroker, 6), (.damage, 2), (.command, 5), (.renewReader, 1),
        ]
        static let deck = weights.flatMap { [Action](repeating: $0.0, count: $0.1) }
    }

    func act() throws(Violation) {
        let action = Action.deck[generator.below(Action.deck.count)]
        trace.step(0, action.rawValue, "— \(action)")
        switch action {
        case .produce: produce()
        case .step: try step()
        case .start: startHand()
        case .kill:
            withHand { hand in
                trace.count(.death)
                hand.die()
            }
        case .killLater: withHand { $0.peril.die(after: generator.below(12)) }
        case .leave:
            withHand { hand in
                trace.count(.leaving)
                hand.leave()
            }
        case .rebalance: rebalance()
        case .wake: wake()
        case .waitAWhile: clock.advance(by: generator.happens(5) ? 500 : Double(generator.below(7)))
        case .clean: trace.count(topic.clean(&generator))
        case .bendTheBroker: bendTheBroker()
        case .damage: try damage()
        case .command: command()
        case .renewReader: renewReader()
        }
        thread.settle()
        if hands.isEmpty { startHand() }
        if let served = reader.poll(thread) { try check(served: served) }
        try check()
    }

    private func produce() {
        let isBurst = generator.happens(8)
        let burst: SampleRecord.Kind? = isBurst ? [.noPrice, .labelled(1)][generator.below(2)] : nil
        if isBurst { isUndisturbed = false }
        input.write { feed in
            for _ in 0..<generator.below(isBurst ? 100 : 40) {
                let kind: SampleRecord.Kind = burst ?? (generator.happens(3) ? .rejected : generator.happens(4) ? .marker : .good)
                feed.append(kind, to: generator.below(feed.partitions.count))
            }
        }
        fold.look(at: input.contents)
    }

    private func withHand(_ body: (Hand) -> Void) {
        guard !hands.isEmpty else { return }
        body(hands[generator.below(hands.count)])
    }

    private func step() throws(Violation) {
        guard !hands.isEmpty else { return }
        let hand = hands[generator.below(hands.count)]
        for _ in 0..<1 + generator.below(4) where hand.isIdle {
            try go(hand)
        }
    }

    /// One batch.
    func go(_ hand: Hand) throws(Violation) {
        let before = look(at: hand)
        hand.source.turnstile.open()
        thread.settle()
        guard let before, let after = look(at: hand) else { return }
        try checkStandstill(before, after)
    }

    /// Paused processes go on, one or all.
    private func wake() {
        let paused = hands.filter(\.isPaused)
        guard !paused.isEmpty else { return reader.peril.turnstile.open() }
        for hand in generator.happens(50) ? paused : [paused[generator.below(paused.count)]] { hand.peril.turnstile.open() }
    }

    private func bendTheBroker() {
        let way = generator.below(7)
        trace.step(0, way, "  way \(way)")
        trace.count(topic.bend(way))
    }

    private func command() {
        isUndisturbed = false
        let rungs = memory.newest?.manifest.body.ladder ?? []
        let version = rungs.isEmpty ? nil : rungs[generator.below(rungs.count)].version
        let roll = generator.below(10)
        trace.step(0, roll, "  command \(roll), version \(version ?? 0)")
        switch roll {
        case 0: board.order(.freeze)
        case 1: board.order(.rollback, version: version, mode: [nil, .replay, .skip][generator.below(3)])
        case 2: board.order(.pin, version: version)
        case 3: board.order(.unpin, version: version)
        default: board.order(.resume, mode: generator.happens(50) ? .skip : .replay)
        }
    }

    // MARK: - Processes

    /// The group says anew who owns the lane and who follows it; not everybody hears of it, and nothing keeps it from saying it of two.
    private func rebalance() {
        for hand in hands where generator.happens(60) {
            trace.count(.rebalance)
            hand.rebalance(to: generator.happens(75) ? .owner : .follower)
        }
    }

    func startHand() {
        guard hands.count < 3 else { return }
        let odds = Peril.Odds.any(&generator)
        start(odds, as: generator.happens(25) ? .follower : .owner, batch: 1 + generator.below(40))
    }

    @discardableResult
    func start(_ odds: Peril.Odds, as part: Hand.Part, batch: Int) -> Hand {
        handCount += 1
        let peril = Peril(handCount, seed: generator.next(), odds: odds, trace: trace)
        let hand = Hand(
            peril, part, topic: topic, piece: generator.happens(30) ? 1 + generator.below(20) : .max, input: input, batch: batch,
            configuration: configuration, identity: identity, retention: retention, limits: limits,
            writer: WriterID(bits: generator.next() | 1), board: board, clock: .any(clock, &generator), mutation: mutation)
        hands.append(hand)
        hand.start()
        thread.settle()
        return hand
    }

    private func renewReader() {
        reader.peril.die()
        thread.settle()
        let odds = generator.happens(50) ? Peril.Odds(errors: 100, pauses: 50) : Peril.Odds()
        reader = ReaderInTheWorld(topic, number: 0, mutation: mutation, odds: odds, seed: generator.next(), trace: trace)
        memory.readerServed = nil
    }
}
