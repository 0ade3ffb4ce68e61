import time

import litserve


class Square(litserve.LitAPI):
    def setup(self, device):
        self.model = lambda x: x**2

    def decode_request(self, request):
        return request["input"]

    def predict(self, x):
        return self.model(x)

    def encode_response(self, output):
        return {"output": output}


class Size(Square):
    def decode_request(self, request):
        return len(request["content"].file.read())


class Count(Square):
    def predict(self, x):
        for n in range(x):
            time.sleep(0.1)
            yield n

    def encode_response(self, outputs):
        for output in outputs:
            yield {"output": output}


if __name__ == "__main__":
    apis = [Square(), Size(api_path="/size"), Count(api_path="/count", stream=True)]
    litserve.LitServer(apis, accelerator="cpu").run(port=8000, generate_client_file=False)
