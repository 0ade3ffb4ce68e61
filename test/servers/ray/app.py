import asyncio

from ray import serve
from starlette.requests import Request
from starlette.responses import StreamingResponse


@serve.deployment(ray_actor_options={"num_cpus": 0.2})
class Double:
    async def __call__(self, request: Request):
        if request.url.path == "/size":
            return {"size": len(await request.body())}
        if request.url.path == "/count":
            return StreamingResponse(self.count(), media_type="text/plain")
        return {"double": (await request.json())["x"] * 2}

    async def count(self):
        for n in range(5):
            yield f"{n}\n"
            await asyncio.sleep(0.1)


app = Double.bind()
