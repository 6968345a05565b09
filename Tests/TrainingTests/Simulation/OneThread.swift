import Foundation
import Synchronization

/// Concurrent code on one thread: whatever actors and tasks would do side by side is done piece by piece, in an order that a seed decides.
///
/// Swift's runtime asks a hook before it hands a piece of work (a job) to its pool. Jobs that arise on a thread of ours stay there; as nothing
/// but such jobs runs on that thread, all that a simulation starts stays on it, and two runs of one seed do the same. `Task.yield` and
/// `Task.sleep` go past the hook: who simulates waits at a `Turnstile`.
final class OneThread {
    private var ready: [UnownedJob] = []
    private var generator: SeededGenerator

    private init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Runs `body` on a thread of its own. What is still waiting for something when it returns is never continued.
    static func run<Value: Sendable>(seed: UInt64, _ body: @escaping @Sendable (OneThread) -> Value) async -> Value {
        _ = installed
        return await withCheckedContinuation { continuation in
            let thread = Thread {
                let here = OneThread(seed: seed)
                unsafe pthread_setspecific(key, Unmanaged.passUnretained(here).toOpaque())
                let value = body(here)
                pthread_setspecific(key, nil)
                continuation.resume(returning: value)
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// From now on another seed decides.
    func reseed(_ seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Does all there is to do, until everybody waits for something that only the caller can give.
    func settle() {
        while !ready.isEmpty {
            let index = ready.count == 1 ? 0 : generator.below(ready.count)
            let job = ready.remove(at: index)
            unsafe job.runSynchronously(on: Self.nobody)
        }
    }

    /// Starts something and settles; nil when it still waits then.
    func value<Value: Sendable>(of body: @escaping @Sendable () async -> Value) -> Value? {
        let result = Shared<Value?>(nil)
        Task {
            let value = await body()
            result.state.withLock { $0 = value }
        }
        settle()
        return result.state.withLock { $0 }
    }

    /// No executor in particular, which is where the pool runs its jobs: two null words.
    private static var nobody: UnownedSerialExecutor { unsafe unsafeBitCast((0, 0), to: UnownedSerialExecutor.self) }

    // MARK: - The hook

    /// pthread's, because it is asked for every job of the whole process.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()

    private static let installed: Void = {
        let symbol = unsafe dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook")
        unsafe symbol?.assumingMemoryBound(to: Hook.self).pointee = { job, enqueue in
            guard let here = unsafe pthread_getspecific(OneThread.key) else { return enqueue(job) }
            unsafe Unmanaged<OneThread>.fromOpaque(here).takeUnretainedValue().ready.append(job)
        }
    }()
}

private typealias Enqueue = @convention(thin) (UnownedJob) -> Void
private typealias Hook = @convention(thin) (UnownedJob, Enqueue) -> Void

/// Where somebody waits until the simulation lets them go on.
final class Turnstile: Sendable {
    private let waiting = Mutex<CheckedContinuation<Void, Never>?>(nil)

    var isWaiting: Bool { waiting.withLock { $0 != nil } }

    func wait() async {
        await withCheckedContinuation { continuation in waiting.withLock { $0 = continuation } }
    }

    func open() {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume()
    }
}

final class Shared<Value>: Sendable {
    let state: Mutex<Value>
    init(_ value: sending Value) { state = Mutex(value) }
}
