import os
import time

from ts.handler_utils.utils import send_intermediate_predict_response

if os.environ.get("FAIL_IMPORT"):
    import no_such_module


class Measure:
    def __init__(self):
        self.initialized = False

    def initialize(self, context):
        self.initialized = True

    def handle(self, data, context):
        body = data[0].get("data") or data[0].get("body")
        if data[0].get("count"):
            for n in range(5):
                send_intermediate_predict_response([f"{n} "], context.request_ids, "more", 200, context)
                time.sleep(0.1)
            return ["5"]
        return [{"bytes": len(body)}]
