/* config/config.h
 * pinion.yaml, endpoints/, schemas/ and routing/ of one folder, read, cross-checked and compiled
 * into one const value in one arena. A reload builds a whole new one; requests in flight keep
 * theirs. */
#pragma once
#include "budget/budgets.h"
#include "canary/watch.h"
#include "config/expectation.h"
#include "config/origins.h"
#include "document/diagnostic.h"
#include "guard/policy.h"
#include "provider/price.h"
#include "render/template.h"
#include "render/variables.h"
#include "route/rule.h"
#include "schema/lower.h"
#include "secret/vault.h"
#include "session/session.h"
#include "store/call_limits.h"
#include "store/history_record.h"
#include "transport/transport.h"
#include "webhook/webhook.h"

/* Where a call can go. */
struct target {
    const struct provider *provider;
    const struct dialect *dialect; /* how this model is spoken to there */
    struct text model;
    bool unlisted; /* only the caller says that there is such a model: it is no label of metrics */
    struct chat_params params;
    const struct price *price;     /* NULL: not known */
    const struct lowered *lowered; /* the output schema in the provider's terms; NULL: none */
    unsigned on;    /* enum failover_on: when a failover target stands in for another */
    uint32_t index; /* below config.target_count; which run-time knowledge is about it */
};

/* The model in metrics and sums, which callers cannot add to. */
static inline struct text target_label(const struct target *target)
{
    return target->unlisted ? TEXT("*") : target->model;
}

/* What follows an answer that does not fit the output schema (product.md section 4). */
struct invalid_rule {
    bool repair;      /* obvious slips of JSON are corrected */
    bool next;        /* a failover target that lists `invalid` is asked; else 422 */
    bool early;       /* a whole answer is read as a stream too, and cancelled once it cannot fit */
    uint32_t reask;   /* how often the same target is told what was wrong */
    int64_t max_nano; /* no further call once so much was spent; 0: no limit */
};
/* Another try at the same target. */
struct repeat_rule {
    uint32_t times;
    bool after_send; /* also where the provider may be at work on the first one */
};
/* A second target is asked while the first has not begun to answer; the first to begin is taken. */
struct hedge_rule {
    bool on;
    uint64_t after_ms; /* 0: the 95th percentile of the target's time to its first content */
};

enum stream_mode {
    STREAM_OFF,      /* the whole answer is checked, then sent */
    STREAM_RAW,      /* sent as it comes */
    STREAM_VALIDATED /* sent as long as it can still become valid */
};

/* What of an endpoint's calls is kept in the store besides their rows in the request log. */
struct content_rule {
    bool kept;             /* the rendered messages and the answer */
    bool redacted;         /* without personal data and credentials */
    uint64_t retention_ms; /* for how long */
};

/* For whom, and for how long at most, answers are kept for the next call that is the same. */
struct cache_rule {
    bool said;       /* the endpoint's own file says so */
    uint64_t ttl_ms; /* of every call; 0: only of those that ask */
    uint64_t max_ms; /* of a call that asks; 0: nothing is kept */
    bool by_token;   /* a token gets only answers to its own calls, else those of its project's */
};

/* A routing rule whose calls are watched. */
struct canary_rule {
    size_t rule; /* its place among the endpoint's */
    struct watch_rule watch;
    unsigned char digest[CANARY_DIGEST_BYTES]; /* of its content and its target */
    uint32_t index; /* below config.canary_count; which run-time knowledge is about it */
};

/* Copies of answered calls that go to another target, or to another endpoint. */
enum { SHADOW_DIGEST_BYTES = CANARY_DIGEST_BYTES };
struct shadow_rule {
    const struct endpoint *endpoint; /* the called one, as a copy is a call of it: with that target,
                                        and its budget is what copies may spend */
    struct text candidate; /* slug of the one that answers in its place; empty: none does */
    uint32_t share;        /* of the calls; of ROUTE_DRAWS */
    uint32_t max_concurrent;
    unsigned char digest[SHADOW_DIGEST_BYTES]; /* of all that */
    uint32_t index; /* below config.shadow_count; which run-time knowledge is about it */
};

/* How an endpoint stands among the tools of the Model Context Protocol. */
struct tool_rule {
    bool hidden;                    /* it is none of them */
    struct text name;               /* where it is not the slug; else empty */
    struct text title, description; /* likewise: none, and the endpoint's own */
};
enum { TOOL_NAME_MAX = 64 };

/* What callers know it by, and with that how much of a call is theirs to say. */
enum endpoint_kind {
    ENDPOINT_SLUG,  /* a file of endpoints/: what it does not allow is refused */
    ENDPOINT_ALIAS, /* a name of `aliases`: its parameters and its system prompt hold where a caller
                       says nothing */
    ENDPOINT_DIRECT /* the name of a provider's model: nothing is said of it anywhere */
};

/* That an endpoint is better not called any more. */
struct deprecation {
    bool said;             /* it is so */
    int64_t since_ms;      /* wall time */
    int64_t sunset_ms;     /* from then on it cannot be called; INT64_MAX: that is not said */
    struct text successor; /* slug of the endpoint in its place; or empty */
    struct text link;      /* where people read more; or empty */
};

struct endpoint {
    enum endpoint_kind kind;
    enum chat_purpose purpose; /* of an alias: what its callers' texts are embedded for */
    struct text slug; /* of an alias, its name; "openai:gpt-4o-mini" of a model, and "openai:*" of
                         those that nobody knows */
    struct text description;
    struct tool_rule tool;
    struct deprecation deprecated;
    struct origins origins;           /* of web pages that may read its answers */
    struct text version;              /* 64 hex digits: SHA-256 of the resolved endpoint */
    struct text file;                 /* "endpoints/summarize.yaml" */
    const struct history_file *files; /* what it was made of, its own file first */
    size_t file_count;
    unsigned char files_digest[HISTORY_DIGEST_BYTES]; /* of all of that */
    uint64_t *number; /* of the version in its history; 0: not known. Filled in before use */
    bool pinned;      /* it is an old version, in place of what the folder has */
    unsigned char replaced[HISTORY_DIGEST_BYTES]; /* of a pinned one: what the folder has, */
    const struct history_file *folder_files;      /* which is this */
    size_t folder_file_count;
    struct target target;
    const bool *allow; /* by enum chat_param: what a caller may set */
    bool allow_system; /* a caller may send system messages */
    bool allow_tools;  /* ... tools, calls and their results */
    bool allow_tool_choice;
    bool allow_response_format; /* ... the schema of the answer, where `output` is NULL */
    struct template system;
    struct template template; /* empty: the input's text itself */
    bool has_template;
    struct text system_source, template_source; /* as they are written; of an alias, all there is */
    const struct schema *input;                 /* NULL: free text */
    const struct document *input_document;      /* what `input` was read from, as a schema also of
                                                   `variables`; NULL where there is none */
    uint32_t input_at;
    const struct variables *variables; /* from which `input` was made; NULL: it is a schema */
    const struct schema *output;
    const struct document *output_document;
    uint32_t output_at;
    int64_t output_tokens; /* what the output schema takes of a prompt, estimated */
    enum stream_mode stream;
    struct invalid_rule invalid;
    const struct target *failover; /* in the order in which they are tried */
    size_t failover_count;
    struct repeat_rule retry;
    struct hedge_rule hedge;
    bool respond_output; /* respond: output */
    struct session_rule session;
    struct content_rule content;
    struct cache_rule cache;
    struct exchange_times times;
    bool first_token_said;     /* so it is also when a whole answer must have begun */
    struct call_limits limits; /* of a token at this endpoint; what is not set, as for all */
    struct budget_rule budget;
    struct guard_policy guardrails; /* its own */
    struct route_rules rules;
    const struct target *rule_targets; /* one per rule */
    /* One per rule: this endpoint as it is where another answers in its place; NULL: as it is. */
    const struct endpoint **rule_endpoints;
    const struct endpoint *candidate; /* of such a one: the endpoint that answers; else NULL */
    struct text input_digest, output_digest; /* of its schemas; empty: it has none */
    const struct target *watched; /* one per need of the rules: whose health and times they look
                                     at; without a model: of the whole provider */
    const struct canary_rule *canaries; /* in the order of the rules */
    size_t canary_count;
    const struct shadow_rule *shadow; /* NULL: nothing is copied */
    const struct endpoint_test *tests;
    size_t test_count;
};

/* Whose tokens share limits, money and a price; `default` where nothing else is said. */
struct project {
    struct text name;          /* formed as a slug */
    struct text id;            /* a UUID, lower case */
    struct call_limits limits; /* of all its tokens together */
    struct budget_rule budget; /* likewise */
    struct guard_policy guardrails;
    uint32_t markup_bp; /* on cost, in hundredths of a percent */
};

struct listen_address {
    struct text text; /* as written: "127.0.0.1:8080", "[::1]:8080", "unix:/run/pinion.sock" */
    struct text host; /* empty for a unix socket */
    uint16_t port;
    struct text path; /* of a unix socket */
};

/* Of log lines: for people at a terminal, and as JSON anywhere else, unless it is said. */
enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_JSON, LOG_FORMAT_CONSOLE };
struct named_text {
    struct text name, value;
};
/* What is told to a receiver of OTLP, as far as the environment does not say otherwise; empty, zero
 * and NULL: nothing is said. */
struct telemetry_settings {
    struct text endpoint, service_name;
    const struct named_text *headers, *resource;
    size_t header_count, resource_count;
    bool no_traces, no_metrics;
    uint32_t timeout_ms, interval_ms;
    uint32_t compression, sampler, temporality; /* of telemetry_words */
    double ratio;                               /* of traces that are recorded; below 0: unsaid */
    bool latest;                                /* the latest names */
    bool unpropagated;                          /* providers are told no trace */
};
/* The words of OpenTelemetry's own variables; the first is what holds without one. */
enum telemetry_choice { TELEMETRY_COMPRESSION, TELEMETRY_SAMPLER, TELEMETRY_TEMPORALITY };
const char *const *telemetry_words(enum telemetry_choice choice);

struct settings {
    struct listen_address listen;
    struct listen_address admin;     /* default: unix:<store>/admin.sock */
    struct listen_address dashboard; /* the admin listener once more, for browsers; or empty */
    struct listen_address metrics;   /* /metrics alone, and nowhere on `listen`; or empty */
    bool dashboard_movable;          /* on any free port where that one is taken */
    struct text certificate, key;    /* PEM files; both empty: no TLS */
    struct text store;               /* folder */
    struct text backups;             /* folder; empty: "backups" in the store's */
    struct text master_key;          /* file that seals secrets; empty: see secret/key_ring.h */
    const struct text *admin_hosts;  /* names by which a TCP admin listener may be called */
    size_t admin_host_count;
    struct text public_url;        /* how callers reach `listen`; no slash at its end; or empty */
    bool cut_on_revoke;            /* calls under way end with a token that says no other */
    uint32_t workers;              /* 0: as many as cores */
    uint32_t max_connections;      /* all workers together */
    uint32_t max_body_bytes;       /* 4 MiB */
    uint32_t request_timeout_ms;   /* idle, head and body together: 30 s */
    uint32_t write_stall_ms;       /* no progress in sending: 30 s */
    uint32_t drain_ms;             /* 30 s */
    struct text log_file;          /* instead of standard output; or empty */
    uint32_t log_format;           /* enum log_format */
    uint32_t log_level;            /* enum log_level; what is less is not written */
    uint64_t log_retention_ms;     /* rows of the request log are kept so long: 7 days */
    uint64_t log_bytes_max;        /* ... and no more of them: 1 GiB; of contents likewise */
    uint64_t audit_keep_ms;        /* of the audit log; 0: for ever */
    uint32_t versions_kept;        /* of each endpoint in its history: 100 */
    uint32_t metrics_series_max;   /* of each metric: 2000 */
    bool metrics_per_token;        /* what each token has spent is a metric */
    uint64_t cache_memory_bytes;   /* of cached answers: 64 MiB */
    uint64_t cache_disk_bytes;     /* of them in the store: 1 GiB */
    uint64_t cache_max_ms;         /* what callers may ask of endpoints that say nothing of it */
    uint64_t session_retention_ms; /* a session ends so long after it began; 0: no limit */
    uint64_t response_ttl_ms;      /* of a stored response from its last use: 1 day; 0: none are */
    uint64_t response_bytes_max;   /* of all of them: 1 GiB */
    struct origins origins;        /* of endpoints and aliases that do not say otherwise */
    struct origins mcp_origins;    /* of web pages that may speak MCP */
    struct text mcp_instructions;  /* for models that have its tools; or empty */
    struct text timezone;          /* whose days and months budgets are of; empty: UTC */
    const struct zone *zone;       /* NULL: UTC */
    const struct text *mounts;     /* paths under which is what is under /v1: "/api/ai/v1" */
    size_t mount_count;
    const struct text *routing_headers; /* that rules may look at, in lower case */
    size_t routing_header_count;
    struct telemetry_settings telemetry;
    /* Of a token at an endpoint that does not say otherwise. */
    struct call_limits caller_limits;
};

/* A model that a provider is known to have. */
struct known_model {
    struct text model; /* as the provider names it */
    struct text name;  /* "openai:gpt-4o-mini" */
    uint32_t provider; /* its place in config.providers */
    uint32_t index;    /* as of a target */
};
/* What a model costs that the program does not know, or what is paid instead. */
struct price_override {
    struct text name; /* "openai/gpt-x" */
    struct price price;
};

/* A sealed secret that was opened for a configuration. */
struct opened_secret {
    const struct opened_secret *next;
    struct text name;
};

struct config {
    struct arena arena; /* everything below; the config itself too */
    struct text folder;
    struct settings settings;
    const struct provider *providers;
    size_t provider_count;
    const struct project *projects; /* sorted by name; `default` is among them */
    size_t project_count;
    struct guard_policy guardrails;   /* of all calls, as far as nothing narrower says it */
    struct budget_rule budget;        /* of the organisation: all calls together */
    const struct endpoint *endpoints; /* sorted by slug */
    size_t endpoint_count;
    const struct endpoint *aliases; /* sorted by slug; none is that of an endpoint */
    size_t alias_count;
    const struct endpoint *direct;    /* by place in `providers`: as which its models are called by
                                         their own names, but for what depends on the model */
    size_t direct_count;              /* 0 where only one endpoint was wanted */
    const struct known_model *models; /* sorted by model and then by provider */
    size_t model_count;
    const struct price_override *prices;
    size_t price_count;
    const struct webhook *webhooks; /* in the order of the file */
    size_t webhook_count;
    struct origins origins;   /* those of all endpoints and aliases together */
    uint32_t target_count;    /* of all endpoints, those of their rules and failover included */
    uint32_t canary_count;    /* of all endpoints */
    uint32_t shadow_count;    /* likewise */
    unsigned char digest[32]; /* of everything read: unchanged content is a no-op */
    struct text source;       /* the bytes of pinion.yaml; nothing at NULL: there is none */
    const struct opened_secret *opened; /* each once, in no order */
};

struct config_options {
    bool allow_missing_secrets; /* unresolved ${env:...} are warnings */
    bool dev;                   /* a provider whose key is missing answers by demo */
    bool offline; /* nothing is sent: a secret that is missing is not missed, and with `dev` every
                     provider answers by demo */
    struct vault *vault;                       /* sealed secrets; NULL: there are none */
    const struct schema_limits *schema_limits; /* NULL: those of authors */
    /* Versions that stand in for endpoints of the folder, by slug, as long as these are what they
     * replaced. */
    const struct history_entry *pins;
    size_t pin_count;
    bool alone; /* of an endpoint by itself: rules that use another endpoint use this one, and no
                   copies go to another */
};
/* Reads `folder`. Every problem of the run goes to `diagnostics` (whose arena must outlive them; it
 * is not the config's). Gives the configuration, or NULL when there was an error. */
struct config *config_load(struct text folder, const struct config_options *options,
                           struct diagnostics *diagnostics);
/* Makes a configuration of what `current` was made of, with other options: of the folder only its
 * secrets are read. What no endpoint is made of is not in it. */
struct config *config_load_again(const struct config *current, const struct config_options *options,
                                 struct diagnostics *diagnostics);
/* Makes a configuration with one endpoint: `version` as it was, with the pinion.yaml of `current`
 * and the secrets of the folder as they are now. Problems are reported in files of names such as
 * "summarize@7:endpoints/summarize.yaml". */
struct config *config_load_version(const struct config *current,
                                   const struct history_entry *version,
                                   const struct config_options *options,
                                   struct diagnostics *diagnostics);
/* Files of the folder as they are meant to be, not saved yet. */
enum { CONFIG_DRAFT_FILE_BYTES = 1 << 20 };
struct config_draft {
    const struct history_file *files; /* paths that have passed config_draft_takes */
    size_t count;
};
/* Whether a file of that path can be drafted: below endpoints/, routing/, schemas/ or tests/. Gives
 * it as the folder names it, in the arena. What pinion.yaml says is never drafted: it is about
 * listeners, providers and credentials. */
bool config_draft_takes(struct text path, struct arena *arena, struct text *out_path);
/* As config_load, of the folder as it would be once those files are saved. They may name each
 * other, files that could be drafted, and what endpoints of `current` are made of, but nothing else
 * that lies in the folder. */
struct config *config_load_draft(const struct config *current, struct text folder,
                                 const struct config_draft *draft,
                                 const struct config_options *options,
                                 struct diagnostics *diagnostics);
/* Likewise the one endpoint whose own file has that path, with its tests, the pinion.yaml of
 * `current` and the secrets of the folder as they are now: what is wrong elsewhere does not matter.
 */
struct config *config_load_drafted(const struct config *current, struct text path,
                                   const struct config_draft *draft,
                                   const struct config_options *options,
                                   struct diagnostics *diagnostics);
/* The bytes of a file, as the draft or else the folder has it; false: it has none that is read. */
bool config_draft_file(struct text folder, const struct config_draft *draft, struct text path,
                       struct arena *arena, struct text *out_bytes);
/* Only the settings of pinion.yaml, as far as they can be read, the defaults for the rest: for
 * commands that need to find the server or its store whatever else is wrong. Texts live in the
 * arena. */
void config_settings(struct text folder, struct arena *arena, struct settings *out);
/* Likewise the providers in the order of the file; the built-in `demo` is among them. */
const struct provider *config_providers(struct text folder, struct arena *arena, size_t *out_count);
/* The folder that backups of the store in `store` go to; in the arena. */
struct text settings_backups(const struct settings *settings, struct text store,
                             struct arena *arena);
/* NULL does nothing. */
void config_free(struct config *config);
/* The i-th condition of `failover`, as it is written, and its bit; NULL behind the last. */
const char *failover_on_at(size_t i, unsigned *out_bit);
/* By slug, or NULL. */
const struct endpoint *config_endpoint(const struct config *config, struct text slug);
/* What an endpoint is called as a tool, if it is one. */
struct text config_tool_name(const struct endpoint *endpoint);
/* The endpoint that is the tool of that name, or NULL. */
const struct endpoint *config_tool(const struct config *config, struct text name);
/* By name, or NULL. */
const struct endpoint *config_alias(const struct config *config, struct text name);
/* What a model costs there: as pinion.yaml says it, or as the program knows it, or NULL. */
const struct price *config_price(const struct config *config, const struct provider *provider,
                                 struct text model);
/* Whether it is pinion.yaml that says so. */
bool config_price_said(const struct config *config, const struct price *price);
/* By name, or NULL; no name is that of the default project. */
const struct project *config_project(const struct config *config, struct text name);
/* By UUID in any case, or NULL. */
const struct project *config_project_by_id(const struct config *config, struct text id);
/* Whether a slug is `^[a-z0-9][a-z0-9-]{0,62}$` and not reserved (conventions section 1). */
bool slug_valid(struct text slug);
bool slug_reserved(struct text slug);
