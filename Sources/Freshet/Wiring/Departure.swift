import Foundation
import Logging
import Training

/// The end of the process.
///
/// `exit` runs what was registered for the end while librdkafka's threads live on, and destroying a client can wait for ever (#4187, #4724;
/// or for a message that is still held). What was worth closing has been closed within deadlines by then, so the process leaves without the rest.
enum Departure {
    /// After the services have ended, what is left of the work has so long.
    private static let patience = Duration.seconds(5)

    static func leave(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }

    /// Leaves when whoever should is held up.
    static func bound(code: Int32) {
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: patience.seconds)
            leave(code)
        }
    }

    /// Leaves when the versions of a lane have stopped coming, or the group cannot be joined, so that the process is started anew. On a thread of its own: where all others
    /// hang in calls, this one must not.
    static func bound(by watches: CommitWatches, logger: Logger) {
        Thread.detachNewThread {
            while true {
                Thread.sleep(forTimeInterval: 1)
                guard let overdue = watches.look() else { continue }
                tell(overdue, logger)
                leave(1)
            }
        }
    }

    private static func tell(_ overdue: CommitWatches.Overdue, _ logger: Logger) {
        let seconds = "\(Int(overdue.seconds))"
        guard let lane = overdue.lane else {
            logger.critical(
                "The trainers' group could not be joined for too long although a broker answers; ending, to be started anew",
                metadata: ["seconds": "\(seconds)"])
            return
        }
        logger.critical(
            "No version could be written for too long although a broker answers; ending, to be started anew",
            metadata: ["lane": "\(lane)", "seconds": "\(seconds)"])
    }
}
