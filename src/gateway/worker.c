#include "gateway/worker.h"

#include "base/check.h"
#include "gateway/durable.h"
#include "gateway/share.h"
#include "gateway/shadow.h"
#include "gateway/shared_config.h"
#include "gateway/token_uses.h"
#include "journal/metrics.h"
#include "telemetry/meter.h"

#include <stdlib.h>

struct lease *lease_of(struct shared_config *shared)
{
    struct lease *lease = calloc(1, sizeof *lease);

    CHECK(lease != NULL);
    *lease = (struct lease){shared->config, shared, 1};
    return lease;
}

bool worker_open(struct worker *worker, struct gateway *gateway, unsigned index, struct error *err)
{
    *worker = (struct worker){
        .gateway = gateway, .index = index, .loop = loop_open(), .rest_after = STAGE_COUNT};
    if (worker->loop != NULL)
        worker->transport = transport_open(worker->loop, &gateway->transport);
    if (worker->transport == NULL) {
        if (worker->loop != NULL)
            loop_close(worker->loop);
        return error_set(err, ERROR_INTERNAL, NULL,
                         "no descriptors for a worker's event loop; raise the limit (ulimit -n)");
    }
    worker->metrics = metrics_shard(gateway->metrics);
    worker->measures = meter_shard(gateway->meter);
    log_tails_open(worker);
    worker->lease = lease_of(gateway_join(gateway, worker));
    ledger_open(&worker->ledger, worker);
    if (index == 0)
        token_uses_start(worker);
    log_purge_open(&worker->log_purge, worker, LOG_PURGE_FIRST_MS);
    return true;
}

void worker_close(struct worker *worker)
{
    shadows_drop(worker);
    share_close(worker);
    CHECK(worker->requests == NULL);
    log_purge_close(&worker->log_purge);
    ledger_close(&worker->ledger);
    token_uses_stop(worker);
    durable_wait(worker);
    gateway_leave(worker->gateway, worker);
    gateway_jobs_wait(worker->gateway);
    loop_dispatch(worker->loop); /* what was posted meanwhile */
    lease_release(worker->lease);
    transport_close(worker->transport);
    loop_close(worker->loop);
}

struct lease *worker_lease(struct worker *worker)
{
    worker->lease->holders++;
    return worker->lease;
}

void lease_release(struct lease *lease)
{
    if (--lease->holders > 0)
        return;
    shared_config_release(lease->shared);
    free(lease);
}

void worker_adopt(struct worker *worker, struct shared_config *shared)
{
    struct lease *old = worker->lease;

    worker->lease = lease_of(shared);
    lease_release(old);
    mcp_listeners_adopt(worker);
    log_tails_adopt(worker);
}

void worker_drain(struct worker *worker)
{
    mcp_listeners_end(worker);
    log_tails_end(worker);
}
