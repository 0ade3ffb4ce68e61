import asyncio

from mlserver import MLModel
from mlserver.codecs import StringCodec
from mlserver.types import InferenceResponse


class Words(MLModel):
    async def load(self):
        return True

    async def predict_stream(self, payloads):
        async for payload in payloads:
            text = StringCodec.decode_input(payload.inputs[0])[0]
            for word in text.split():
                output = StringCodec.encode_output("word", [word])
                yield InferenceResponse(model_name=self.name, outputs=[output])
                await asyncio.sleep(0.1)
