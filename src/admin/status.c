/* What the process says of itself to its operator, on the admin listener. */
#include "admin/admin.h"

#include "document/json_write.h"
#include "gateway/paths.h"

#include <sys/resource.h>
#include <unistd.h>

void admin_show_status(struct request *request, struct text none)
{
    struct gateway *gateway = request->worker->gateway;
    struct store_stats store = store_stats(gateway->store);
    struct buffer out = buffer_in(&request->arena);
    struct rlimit descriptors = {0};

    (void)none;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    buffer_put(&out, TEXT("{\"object\":\"status\",\"version\":\"" PINION_VERSION "\""));
    buffer_printf(&out, ",\"pid\":%ld,\"draining\":%s,\"dev\":%s", (long)getpid(),
                  atomic_load(&gateway->draining) ? "true" : "false",
                  gateway->config_options.dev ? "true" : "false");
    buffer_printf(&out, ",\"endpoints\":%zu,\"descriptors\":{\"limit\":%llu}",
                  request->config->endpoint_count, (unsigned long long)descriptors.rlim_cur);
    buffer_printf(&out,
                  ",\"store\":{\"usable\":%s,\"used_bytes\":%llu,\"map_bytes\":%llu,"
                  "\"commits\":%llu},\"backups\":",
                  store.usable ? "true" : "false", (unsigned long long)store.used_bytes,
                  (unsigned long long)store.map_bytes, (unsigned long long)store.commits);
    json_put_string(&out, gateway->backups);
    buffer_put_byte(&out, '}');
    request_reply(request, 200, TEXT("application/json"), buffer_text(&out));
}
