/* config/settings_draft.h
 * Private to the files about pinion.yaml: what its keys say, as settings_table reads it. Cells are
 * CELL_NONE where there is no such key. */
#pragma once
#include "config/load.h"

struct telemetry_draft {
    bool traces, metrics, propagate;
    struct text endpoint;
    uint32_t headers, resource, ratio;
};
struct settings_draft {
    struct settings settings;
    struct text listen, admin, dashboard, metrics, timezone;
    struct text public_url;
    uint32_t on_revoke; /* 1: what is under way is cut */
    uint32_t admin_hosts, routing_headers, origins, mcp_origins;
    uint32_t certificate, key, master_key;
    struct telemetry_draft telemetry;
    uint32_t providers, templates, prices, projects, budget, guardrails, aliases, mounts;
    uint32_t webhooks;
};
extern const struct keys telemetry_table; /* into a settings_draft */
/* What is more to it than its table can say. */
void load_telemetry(struct load *load, const struct document *document,
                    const struct telemetry_draft *draft, struct telemetry_settings *out);
