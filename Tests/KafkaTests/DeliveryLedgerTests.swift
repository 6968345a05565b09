import Testing

@testable import Kafka

struct DeliveryLedgerTests {
    let partition = TopicPartition(topic: "t", partition: 0)

    @Test func `an offset above the last is delivered and becomes the last`() {
        var ledger = DeliveryLedger([partition: 10])
        #expect(ledger.take(10, below: 100, slot: 0) == .deliver)
        #expect(ledger.take(15, below: 100, slot: 0) == .deliver)
        #expect(ledger.lanes[0].last == 15)
        #expect(!ledger.needsRestart)
    }

    @Test(arguments: [9, -1, 3] as [Int64])
    func `an offset below the start is not delivered`(offset: Int64) {
        var ledger = DeliveryLedger([partition: 10])
        #expect(ledger.take(offset, below: nil, slot: 0) == .drop)
        #expect(ledger.needsRestart)
    }

    @Test func `an offset beyond the partition's end is not delivered`() {
        var ledger = DeliveryLedger([partition: 0])
        #expect(ledger.take(1 << 40, below: 100, slot: 0) == .drop)
        #expect(ledger.restart() == [partition: 0])
    }

    @Test func `what follows a failure is dropped until the restart, which resumes after the last good record`() {
        var ledger = DeliveryLedger([partition: Consumer.beginning])
        #expect(ledger.take(0, below: nil, slot: 0) == .deliver)
        #expect(ledger.strike(0, isDamage: true) == .drop)
        #expect(ledger.take(1, below: nil, slot: 0) == .drop)
        #expect(ledger.restart() == [partition: 1])
        #expect(!ledger.needsRestart)
        #expect(ledger.take(1, below: nil, slot: 0) == .deliver)
    }

    @Test func `before the first record a restart begins where the assignment did`() {
        var ledger = DeliveryLedger([partition: Consumer.beginning])
        #expect(ledger.strike(0, isDamage: true) == .drop)
        #expect(ledger.restart() == [partition: Consumer.beginning])
    }

    @Test func `a partition is given up at the fourth failure in a row and left out of the assignment`() {
        let other = TopicPartition(topic: "t", partition: 1)
        var ledger = DeliveryLedger([partition: 0, other: 7])
        for _ in 1...DeliveryLedger.maximumTries {
            #expect(ledger.strike(0, isDamage: true) == .drop)
            #expect(ledger.restart() == [partition: 0, other: 7])
        }
        #expect(ledger.strike(0, isDamage: true) == .giveUp)
        #expect(ledger.restart() == [other: 7])
        #expect(ledger.strike(0, isDamage: true) == .drop)
    }

    @Test func `a good record forgives earlier failures`() {
        var ledger = DeliveryLedger([partition: 0])
        for offset in 0..<10 as Range<Int64> {
            #expect(ledger.strike(0, isDamage: true) == .drop)
            _ = ledger.restart()
            #expect(ledger.take(offset, below: nil, slot: 0) == .deliver)
        }
    }
}
