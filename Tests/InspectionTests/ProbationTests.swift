import Testing

@testable import Inspection

struct ProbationTests {
    @Test func endsAfterItsSeconds() {
        var probation = Probation(seconds: 10, events: 1000)
        #expect(probation.observe(arrivals: 0, isSilent: false, at: 0) == false)
        #expect(probation.observe(arrivals: 1, isSilent: false, at: 100) == false)
        #expect(probation.observe(arrivals: 0, isSilent: false, at: 109) == false)
        #expect(probation.observe(arrivals: 0, isSilent: false, at: 110) == true)
    }

    @Test func endsAfterItsEvents() {
        var probation = Probation(seconds: 10, events: 100)
        #expect(probation.observe(arrivals: 99, isSilent: false, at: 0) == false)
        #expect(probation.observe(arrivals: 1, isSilent: false, at: 0.1) == true)
    }

    @Test func silenceStartsItAnew() {
        var probation = Probation(seconds: 10, events: 100)
        _ = probation.observe(arrivals: 99, isSilent: false, at: 0)
        #expect(probation.observe(arrivals: 0, isSilent: true, at: 9) == false)
        #expect(probation.observe(arrivals: 0, isSilent: false, at: 20) == false)
        #expect(probation.observe(arrivals: 50, isSilent: false, at: 21) == false)
        #expect(probation.observe(arrivals: 0, isSilent: false, at: 31) == true)
    }
}
