import CMalloc
import Foundation

/// What the allocator keeps although nothing uses it any more.
enum SpareMemory {
    private static let interval = 5.0

    /// Gives it back to the system every few seconds, for the rest of the process's life, on a thread of its own.
    ///
    /// By itself glibc returns only what lies at the end of a heap, so that the records fetched in one catch-up would stay with the process
    /// for its life (malloc_trim(3)).
    static func keepReturning() {
        Thread.detachNewThread {
            while true {
                Thread.sleep(forTimeInterval: interval)
                malloc_trim(0)
            }
        }
    }
}
