/* What a supervisor asks: alive, and ready. The counters are in scrape.c. */
#include "gateway/paths.h"
#include "gateway/request_state.h"

void operations_live(struct request *request)
{
    request_reply(request, 200, TEXT("application/json"), TEXT("{\"status\":\"ok\"}"));
}

void operations_ready(struct request *request)
{
    struct gateway *gateway = request->worker->gateway;
    bool draining = atomic_load(&gateway->draining);
    bool usable = store_stats(gateway->store).usable;
    bool ready = !draining && usable;
    struct buffer out = buffer_in(&request->arena);

    buffer_printf(&out, "{\"status\":\"%s\"", ready ? "ready" : "not_ready");
    if (text_starts(request->http.query, TEXT("verbose")))
        buffer_printf(&out,
                      ",\"checks\":{\"accepting\":%s,\"storage\":%s,\"last_reload\":%s},"
                      "\"endpoints\":%zu",
                      draining ? "false" : "true", usable ? "true" : "false",
                      atomic_load(&gateway->last_reload_ok) ? "true" : "false",
                      request->config->endpoint_count);
    buffer_put_byte(&out, '}');
    request_reply(request, ready ? 200 : 503, TEXT("application/json"), buffer_text(&out));
}
