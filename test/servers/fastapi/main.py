import asyncio
import io

from fastapi import FastAPI, File, HTTPException, UploadFile
from fastapi.responses import Response, StreamingResponse
from PIL import Image

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/predict")
async def predict(file: UploadFile = File(...), top: int = 3):
    data = await file.read()
    try:
        image = Image.open(io.BytesIO(data)).convert("L").resize((8, 8))
    except Exception:
        raise HTTPException(415, f"{file.filename} ({file.content_type}) is not an image")
    scores = [sum(image.tobytes()) * (n + 1) % 97 for n in range(10)]
    best = sorted(range(10), key=lambda n: -scores[n])[:top]
    return {"file": file.filename, "type": file.content_type, "size": len(data), "top": best}


@app.get("/events")
async def events(count: int = 5):
    async def generate():
        for n in range(count):
            yield f"data: token {n}\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(generate(), media_type="text/event-stream")
