import asyncio
from pathlib import Path
from typing import AsyncGenerator

import bentoml
from PIL import Image


@bentoml.service(traffic={"timeout": 30})
class Summary:
    @bentoml.api
    def summarize(self, text: str, words: int = 3) -> str:
        return " ".join(text.split()[:words])

    @bentoml.api
    def measure(self, image: Path, scale: float = 1.0) -> dict:
        return {"pixels": Image.open(image).size, "size": image.stat().st_size * scale}

    @bentoml.api
    async def count(self, to: int = 5) -> AsyncGenerator[str, None]:
        for n in range(to):
            yield f"{n} "
            await asyncio.sleep(0.1)
