/* The one place that ties the carrier to the gateway itself. */
#include "listen/parts.h"

static const struct server_hooks gateway_hooks = {
    .worker_open = worker_open,
    .worker_close = worker_close,
    .start = request_start,
    .drained = request_drained,
    .gone = request_gone,
    .free = request_free,
};

struct server *server_open(struct gateway *gateway, const struct settings *settings, int listen_fd,
                           struct error *err)
{
    return server_open_with(&gateway_hooks, gateway, settings, listen_fd, err);
}
