public typealias Task = PredictionTask
