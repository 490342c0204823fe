"""Five steps that do nothing, as a Metaflow pipeline: `python flow.py run`."""

from metaflow import FlowSpec, step


class FiveSteps(FlowSpec):
    @step
    def start(self):
        self.next(self.preprocess)

    @step
    def preprocess(self):
        self.next(self.train)

    @step
    def train(self):
        self.next(self.evaluate)

    @step
    def evaluate(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    FiveSteps()
