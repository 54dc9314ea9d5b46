/* config/load.h
 * Private to config: one load under way, and its steps in the order they are taken. Each step
 * reports what is wrong with its own files and goes on, so that one run shows everything. */
#pragma once
#include "config/config.h"
#include "config/folder.h"
#include "config/keys.h"
#include "render/partials.h"

#include <openssl/evp.h>

/* `templates` of pinion.yaml: what a routing rule may use by name. */
struct target_template {
    struct text name;
    const struct provider *provider; /* NULL: refused */
    struct text model;
    struct chat_params params;
};
/* An endpoint that is said to take the place of another, where that is written. */
struct successor_use {
    const struct successor_use *next;
    const struct document *document;
    uint32_t at;
    struct text slug;
};
/* Bytes of a source that no code frame may show. */
struct masked {
    const struct masked *next;
    const char *source;
    size_t start, end;
};
struct unpriced {
    const struct unpriced *next;
    const struct provider *provider;
    struct text model;
};
/* A target that a condition watches. */
struct watched_use {
    const struct watched_use *next;
    const struct document *document;
    const struct route_need *need;
};
/* A schema in one dialect of structured output. */
struct lowered_use {
    struct lowered_use *next;
    const struct lower_dialect *dialect;
    struct lowered lowered;
};
/* A schema that is ready for use, from a file or from within one. */
struct schema_use {
    const struct schema *schema; /* NULL: none, or refused */
    const struct document *document;
    uint32_t at;
    struct text digest; /* 64 hex digits, of its compact form */
    bool refused;
    struct lowered_use **lowered; /* in the dialects that were needed so far */
};
struct routing_use {
    const struct document *document;
    struct route_rules rules;
    uint32_t at;
    bool refused;
    bool named;                       /* unknown names in it have been reported */
    const struct watch_rule *watches; /* by rule; those of rules without `watch` are zeroed */
};
/* Files that several endpoints may share, each read once: those of the listing sorted by path, then
 * those found by reference. */
struct known_file {
    struct text path;
    void *use;
};
struct known_files {
    struct known_file *items;
    size_t sorted, count, room;
};

/* A budget over many endpoints, whose prices are looked at once all are read. */
struct shared_budget {
    const struct shared_budget *next;
    const struct document *document;
    uint32_t cell;
    struct budget_rule rule;
};

struct load {
    struct folder *folder;
    const struct config_options *options;
    struct diagnostics *diagnostics;
    struct config *config;
    struct arena *arena;    /* the configuration's */
    EVP_MD_CTX *digest;     /* over everything read */
    bool settings_unusable; /* pinion.yaml cannot be read: what it names is not known */
    struct provider *providers;
    bool *provider_refused; /* its name is not unknown, but it cannot be used */
    size_t provider_count;
    struct target_template *templates;
    size_t template_count;
    const struct document *settings; /* pinion.yaml */
    uint32_t aliases;                /* `aliases` in it, CELL_NONE: there are none */
    uint32_t mounts;                 /* likewise */
    const struct successor_use *successors;
    const struct unpriced *unpriced; /* what has been warned of */
    const struct masked *masked;
    const struct watched_use *watched;
    const struct shared_budget *budgets;
    struct endpoint_use *uses;     /* of other endpoints by rules and shadows */
    struct known_files schemas;    /* use: struct schema_use */
    struct schema_set *set;        /* the schemas of schemas/, which may refer to each other */
    struct known_files routings;   /* use: struct routing_use */
    struct partials partials;      /* of endpoints/partials/ */
    const struct text *test_files; /* of tests/ */
    size_t test_file_count;
};

/* -- files (load_files.c) -- */
/* Reads a file into the arena; reports at `cell` of `document`, or about the file itself when that
 * is NULL, why it cannot be. */
bool load_bytes(struct load *load, struct text path, const struct document *document, uint32_t cell,
                struct text *out_bytes);
/* Reads YAML whose root must be a mapping (or a list, when `list_too`). */
bool load_yaml(struct load *load, struct text path, struct text bytes, bool list_too,
               struct document *out);
/* The names in a subfolder that end in `suffix`; refuses ones that end in `wrong` (may be NULL). No
 * such subfolder: none. Gives paths: "endpoints/a.yaml". */
void load_listing(struct load *load, const char *subfolder, const char *suffix, const char *wrong,
                  const struct text **out_paths, size_t *out_count, bool *out_missing);
/* Reports a file that is not read under its name, while under `right` it would be; `taken`: there
 * is a file of that name as well. */
void load_misnamed(struct load *load, struct text path, const char *why, struct text right,
                   bool taken);
/* A path that an author wrote at `cell`; false when it was refused. */
bool load_path(struct load *load, const struct document *document, uint32_t cell,
               struct text *out_path);
void load_digest(struct load *load, struct text what, struct text bytes);
/* What was made of the file, or NULL when it has not been read. */
void *known_file(const struct known_files *files, struct text path);
void known_file_add(struct known_files *files, struct arena *arena, struct text path, void *use);

/* -- tables of keys that more than their own file knows -- */
enum { FAILOVER_MAX = 8 };
extern const struct keys endpoint_table, alias_table, settings_table;
extern const struct keys param_table, budget_table, failover_table, test_table, variable_table;
extern const struct keys guard_table;
extern const char *const guard_off_words[]; /* what `guardrails` may be instead of a mapping */
extern const struct keys watch_table, shadow_table;
extern const struct keys provider_table, template_table, price_table, project_table;
extern const char *const allow_words[]; /* what `allow` may list; NULL after the last */

/* -- steps -- */
void load_settings(struct load *load); /* settings.c */
void load_providers(struct load *load, const struct document *document, uint32_t cell);
void load_templates(struct load *load, const struct document *document, uint32_t cell);
void load_prices(struct load *load, const struct document *document, uint32_t cell);
void load_projects(struct load *load, const struct document *document, uint32_t cell);
void load_schemas(struct load *load);
void load_routings(struct load *load);
void load_partials(struct load *load);
void load_endpoints(struct load *load);
/* Once all endpoints are there: names that must not be theirs. */
void load_aliases(struct load *load);
void load_mounts(struct load *load);
/* Once all targets are there: models by their own names. */
void load_models(struct load *load);
/* Warns of those that no endpoint used. */
void load_unused_partials(struct load *load);
bool endpoint_load(struct load *load, struct text path, struct endpoint *out);
/* The tests at `cell`, which may be CELL_NONE, and those of tests/SLUG.yaml. */
void endpoint_tests_load(struct load *load, const struct document *document, uint32_t cell,
                         struct endpoint *endpoint);
void load_test_files(struct load *load);
/* Warns of files that no endpoint has taken its tests from. */
void load_stray_tests(struct load *load);

/* -- what they share -- */
static inline struct reading load_reading(struct load *load, const struct document *document)
{
    return (struct reading){document, load->arena, load->diagnostics};
}
/* Cell `at`: a path to a JSON file, or the schema itself. */
bool load_schema(struct load *load, const struct document *document, uint32_t at,
                 struct schema_use *out);
/* `variables` at `cell`: the schema that is made of them, and what is made of values. */
bool load_variables(struct load *load, const struct document *document, uint32_t cell,
                    struct schema_use *out, const struct variables **out_variables);
/* Cell `at`: a path to a YAML file, or the rules themselves. */
bool load_routing(struct load *load, const struct document *document, uint32_t at,
                  struct routing_use **out);
/* A list of origins at `cell`, which may be CELL_NONE. */
bool load_origins(struct load *load, const struct document *document, uint32_t cell,
                  struct origins *out);
/* `webhooks` at `cell`, which may be CELL_NONE. */
extern const struct keys webhook_table;
void load_webhooks(struct load *load, const struct document *document, uint32_t cell);
/* Once all endpoints and aliases are there: their origins together. */
void load_all_origins(struct load *load);
/* `deprecated` of the endpoint of that slug at `cell`, which may be CELL_NONE. */
extern const struct keys deprecated_table;
bool load_deprecated(struct load *load, const struct document *document, uint32_t cell,
                     struct text slug, struct deprecation *out);
/* Once all endpoints are there: whether there are those that take their place. */
void load_successors(struct load *load);
/* `mcp` of an endpoint at `cell`, which may be CELL_NONE. */
extern const struct keys tool_table;
bool load_tool(struct load *load, const struct document *document, uint32_t cell,
               struct tool_rule *out);
/* Once all endpoints are there: whether each name of a tool is that of one only. */
void load_tools_named(struct load *load);
/* Reads sampling parameters; `at` may be CELL_NONE. */
bool load_params(struct load *load, const struct document *document, uint32_t at,
                 struct chat_params *out);
/* The provider of that name, or NULL after reporting at `cell`; NULL without a report when it was
 * refused itself. */
const struct provider *load_provider(struct load *load, struct text name,
                                     const struct document *document, uint32_t cell);
const struct target_template *load_template(struct load *load, struct text name,
                                            const struct document *document, uint32_t cell);
/* Where something other than the endpoint's own target leads, as written; what is not is empty. */
struct place_draft {
    const char *who, *form; /* "a shadow", and how its mapping is written: for messages */
    struct text provider, model, template;
    struct text endpoint; /* slug of another one; only of those that may lead there */
};
/* Reads what the mapping at `cell` says into the target, which has the endpoint's own provider and
 * params for what it does not. Another endpoint's is known once all are there: it stays as it is.
 */
bool load_place(struct load *load, const struct document *document, uint32_t cell,
                const struct place_draft *draft, struct target *target);
/* The price of a model there, or NULL after a warning at `cell` where one is to be expected. */
const struct price *load_price(struct load *load, const struct provider *provider,
                               struct text model, const struct document *document, uint32_t cell);
/* The cell of 'key' into the provider, with whether a secret that it names is missing. `required`:
 * its kind needs one, which is told to who has written an empty list. */
bool load_provider_keys(struct load *load, const struct document *document, uint32_t cell,
                        bool required, struct provider *provider, bool *out_missing);
/* The cells of 'api_version' and 'deployments' (each may be CELL_NONE) into the provider. */
bool load_deployments(struct load *load, const struct document *document, uint32_t version,
                      uint32_t models, struct provider *provider);
/* A warning for each of the params written at `cell` (may be CELL_NONE) that the target's API does
 * not have. */
void load_unsaid(struct load *load, const struct target *target, const struct document *document,
                 uint32_t cell);
/* Completes a target whose provider and model are known: how it is spoken to, what it costs, and
 * its number. */
void load_target(struct load *load, struct target *target, const struct document *document,
                 uint32_t cell);
/* Whether the target's model does what the endpoint is for, as far as that is known of both: an
 * alias is for what its own model does, an endpoint for conversations. */
bool load_use(struct load *load, const struct document *document, uint32_t cell,
              const struct endpoint *endpoint, const struct target *target);
/* What a template sets wins over what the endpoint pins; the rest of the endpoint's stays. */
struct chat_params load_params_over(const struct chat_params *pinned,
                                    const struct chat_params *over);
/* `allow` at `cell`, which may be CELL_NONE: what callers of the endpoint may set. */
bool load_allow(struct load *load, const struct document *document, uint32_t cell,
                struct endpoint *endpoint);
/* `on_invalid_output`, whose `max_usd` is at that cell or CELL_NONE. */
bool load_invalid(struct load *load, const struct document *document, uint32_t max_usd,
                  struct endpoint *endpoint);
/* `hedge`, whose `after` is at that cell or CELL_NONE. */
/* `log` of the mapping at cell `root`: what is kept of the calls' contents, and not longer than
 * their rows. */
enum content_word { CONTENT_NONE, CONTENT_FULL, CONTENT_REDACTED }; /* as they stand in the file */
bool load_content(struct load *load, const struct document *document, uint32_t root,
                  enum content_word word, struct content_rule *out);
bool load_hedge(struct load *load, const struct document *document, uint32_t after,
                struct hedge_rule *out);
/* `budget` at `cell`, which may be CELL_NONE. */
bool load_budget(struct load *load, const struct document *document, uint32_t cell,
                 struct budget_rule *out);
/* Whether every target of an endpoint with a budget of its own, at `cell`, has a price and an end.
 */
bool load_budget_prices(struct load *load, const struct document *document, uint32_t cell,
                        const struct endpoint *endpoint);
/* As load_budget, for one that is shared by endpoints that are read later. */
bool load_shared_budget(struct load *load, const struct document *document, uint32_t cell,
                        struct budget_rule *out);
/* Has all endpoints looked at for the shared budgets. */
void load_shared_budget_prices(struct load *load);
/* `guardrails` at `cell`, which may be CELL_NONE. */
bool load_guardrails(struct load *load, const struct document *document, uint32_t cell,
                     struct guard_policy *out);
/* `timezone` of pinion.yaml; empty: UTC. */
void load_timezone(struct load *load, const struct document *document, struct text name);
/* `cache` of the mapping at cell `root`, whose keys were read, or what holds where there is none.
 */
bool load_cache(struct load *load, const struct document *document, uint32_t root,
                struct endpoint *endpoint);
/* How the parts of its `timeout`, which were read, fit together. */
bool load_times(struct load *load, const struct document *document, uint32_t root,
                struct endpoint *endpoint);
/* What an endpoint does where nothing is said of it (endpoint_unsaid.c). */
struct endpoint endpoint_unsaid(struct load *load, struct text file);
/* The limits that were not said are as for all endpoints. */
void load_limits_unsaid(const struct load *load, struct call_limits *limits);
/* Callers may set whatever can be set. */
void load_allow_all(struct load *load, struct endpoint *endpoint);
/* A prompt at `cell`, which is nothing when that is CELL_NONE; where it is blank, `hint` says what
 * `name` is for. `use` NULL: only that is looked at. */
bool load_prompt(struct load *load, const struct document *document, uint32_t cell,
                 const char *name, const char *hint, const struct template_use *use,
                 struct template *out, struct text *out_text);
/* `failover` at `cell`: the targets that stand in for the endpoint's own. */
bool load_failover(struct load *load, const struct document *document, uint32_t cell,
                   struct endpoint *endpoint);
/* Has every target of the endpoint know its output schema in its provider's terms; warns of what
 * each cannot be told, once per schema and dialect. */
void load_lowered(struct load *load, const struct schema_use *output, struct endpoint *endpoint);
/* `routing_headers` of pinion.yaml at `cell`, which may be CELL_NONE. */
void load_routing_headers(struct load *load, const struct document *document, uint32_t cell);
/* Whether what the rules of a file need is there, whatever the endpoint. */
bool load_needs(struct load *load, const struct routing_use *routing);
/* Whether an endpoint that is complete fits its rules; what is not known of it for errors that were
 * told is not asked. Fills in what its rules watch. */
struct needs_known {
    bool input, budget;
};
bool load_endpoint_needs(struct load *load, const struct routing_use *routing,
                         const struct needs_known *known, struct endpoint *endpoint);
/* Of those, a place in the input. */
bool load_input_need(struct load *load, const struct document *document,
                     const struct route_need *need, const struct endpoint *endpoint);
/* When all endpoints are read: warns of targets that are watched and never called. */
void load_watched_used(struct load *load);
/* Reads the `watch` of each rule of a file. */
bool load_watches(struct load *load, struct routing_use *routing);
/* Whether what is watched can happen at an endpoint that is complete, whose output schema is known
 * unless it was refused. Fills in its canaries. */
bool load_canaries(struct load *load, const struct routing_use *routing, bool output_known,
                   struct endpoint *endpoint);
/* `shadow` at `cell` of an endpoint that is complete otherwise. */
bool load_shadow(struct load *load, const struct document *document, uint32_t cell,
                 const struct schema_use *output, struct endpoint *endpoint);
/* The copies go to another endpoint, and `made` is what the called one is where that answers. */
void load_shadow_made(const struct endpoint *made, struct endpoint *copy);
/* Its copies are of the version that it has got. */
void load_shadow_version(const struct endpoint *endpoint);
/* Resolves the targets of an endpoint's rules. */
bool load_rule_targets(struct load *load, struct routing_use *routing, struct endpoint *endpoint);
/* What a string cell of pinion.yaml means once `${env:NAME}`, `${file:/path}` and `${secret:NAME}`
 * are replaced. On failure reports and returns false; *out_missing tells that a secret is not
 * there. */
bool load_secret(struct load *load, const struct document *document, uint32_t cell,
                 struct text *out_value, bool *out_missing);
/* The `${...}` that the cell is, and nothing beside it, so that a fault of the value is one of what
 * it names; empty: it is something else. */
struct text load_secret_named(const struct document *document, uint32_t cell);
/* How many members of the mapping at `cell` (CELL_NONE: none) are read: more than `most` are
 * reported, and the rest is left out. */
uint32_t load_members(struct load *load, const struct document *document, uint32_t cell,
                      uint32_t most);
/* Keeps a value out of code frames, unless it is nothing but a named secret. */
void load_mask(struct load *load, const struct document *document, uint32_t cell);
/* 64 hex digits of the SHA-256. */
struct text load_sha256(struct arena *arena, struct text bytes);
/* Sets endpoint->version; everything else must be complete. */
struct endpoint_parts {
    struct text system, template, input_digest, output_digest;
    const struct routing_use *routing;
    struct schema_use input, output;
};
/* What of a target changes what a call does, as JSON. */
void version_put_target(struct buffer *out, const struct target *target);
void endpoint_version(struct load *load, struct endpoint *endpoint,
                      const struct endpoint_parts *parts);
/* Notes what the endpoint of that document was made of. */
void load_sources(struct load *load, const struct document *document,
                  const struct endpoint_parts *parts, struct endpoint *endpoint);
/* An endpoint with rules was made of that document, whose budget is at that cell or CELL_NONE. */
void load_uses_endpoints(struct load *load, const struct document *document,
                         const struct routing_use *routing, uint32_t budget,
                         const struct endpoint *endpoint);
/* The endpoint is complete, and has its shadow from `cell` of that document. */
void load_shadow_endpoint(struct load *load, const struct document *document, uint32_t cell,
                          struct endpoint *endpoint);
/* Once all endpoints are there: those that answer in place of others. */
void load_candidates(struct load *load, struct endpoint *endpoints, size_t count);
/* Whether the cost of calls to that target can be compared, where a watched rule wants that. */
bool load_canary_price(struct load *load, const struct document *document,
                       const struct route_rule *rule, const struct canary_rule *canary,
                       const struct target *target, const struct endpoint *endpoint);
/* Diagnostics from that one on are about files of an old version: they are named so, that nobody
 * looks for the mistake in the file that is there today. */
void load_name_version(struct diagnostics *diagnostics, size_t from, struct text slug,
                       uint64_t number);
/* Puts the pinned version in place of an endpoint that is what it replaced. */
void load_pin(struct load *load, struct endpoint *endpoint);

/* The whole load from any folder; see config_load. */
struct config *config_load_from(struct folder *folder, struct text name,
                                const struct config_options *options,
                                struct diagnostics *diagnostics);
