/* pinion.yaml: the process, and where calls can go. Without the file everything has its default and
 * the built-in provider is the only one. */
#include "base/log.h"
#include "config/address.h"
#include "config/settings_draft.h"
#include "config/tls_files.h"
#include "config/value.h"

static const struct settings defaults = {
    .max_connections = 10000,
    .max_body_bytes = 4 << 20,
    .request_timeout_ms = 30000,
    .write_stall_ms = 30000,
    .drain_ms = 30000,
    .log_level = LOG_INFO,
    .log_retention_ms = UINT64_C(7) * 86400000,
    .log_bytes_max = UINT64_C(1) << 30,
    .versions_kept = HISTORY_KEEP,
    .metrics_series_max = 2000,
    .cache_memory_bytes = UINT64_C(64) << 20,
    .cache_disk_bytes = UINT64_C(1) << 30,
    .response_ttl_ms = UINT64_C(86400000),
    .response_bytes_max = UINT64_C(1) << 30,
};

uint32_t load_members(struct load *load, const struct document *document, uint32_t cell,
                      uint32_t most)
{
    uint32_t members = cell == CELL_NONE ? 0 : document_cell(document, cell)->size;

    if (members <= most)
        return members;
    diagnose(load->diagnostics, document, key_of(cell), DIAGNOSTIC_E0104,
             "there can be at most %u entries here, found %u", most, members);
    return most;
}

/* `cell`: what was written. */
static void read_listen_at(struct load *load, const struct document *document, uint32_t cell,
                           const char *name, struct text written, struct listen_address *out)
{
    struct text stem = text_first(text_of(name), text_find_byte(text_of(name), '.'));
    struct diagnostic *it;
    const char *why;

    if (listen_address_parse(written, out, &why))
        return;
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0106,
                  "'%s' is not an address to listen on: %s", name, why);
    diagnostic_hint(load->diagnostics, it,
                    "write 127.0.0.1:8080, [::1]:8080 or unix:/run/pinion/%.*s.sock",
                    TEXT_ARG(stem));
}

static void read_listen(struct load *load, const struct document *document, const char *name,
                        struct text written, struct listen_address *out)
{
    read_listen_at(load, document, document_member(document, 0, text_of(name)), name, written, out);
}

static void read_metrics_listen(struct load *load, const struct document *document,
                                struct text written, struct listen_address *out)
{
    uint32_t metrics = document_member(document, 0, TEXT("metrics"));

    if (written.len > 0)
        read_listen_at(load, document, document_member(document, metrics, TEXT("listen")),
                       "metrics.listen", written, out);
}

/* A path as the process can open it: relative ones start at the configuration folder. */
static struct text from_folder(struct load *load, struct text path)
{
    struct text folder = load->config->folder;

    if (path.at[0] == '/' || text_equal(folder, TEXT(".")))
        return path;
    return arena_printf(load->arena, "%.*s/%.*s", TEXT_ARG(folder), TEXT_ARG(path));
}

static void default_admin(struct load *load, struct settings *settings)
{
    struct text text = arena_printf(load->arena, "unix:%.*s/admin.sock", TEXT_ARG(settings->store));
    struct diagnostic *it;
    const char *why;

    if (listen_address_parse(text, &settings->admin, &why))
        return;
    it = diagnose_file(load->diagnostics, TEXT("pinion.yaml"), (struct text){0}, (struct range){0},
                       DIAGNOSTIC_E0106, "the admin socket cannot be in the store's folder: %s",
                       why);
    diagnostic_hint(load->diagnostics, it,
                    "name a shorter path with admin: unix:/run/pinion/admin.sock");
}

static void read_admin_hosts(struct load *load, const struct document *document, uint32_t cell,
                             struct settings *settings)
{
    uint32_t count = cell != CELL_NONE ? document_cell(document, cell)->size : 0;
    struct reading reading = load_reading(load, document);
    struct text *hosts = ARENA_ARRAY(load->arena, struct text, count);
    struct diagnostic *it;

    settings->admin_hosts = hosts;
    for (uint32_t at = cell + 1; settings->admin_host_count < count;
         at = document_next(document, at)) {
        struct text host = document_cell(document, at)->type == CELL_STRING
                               ? document_text(document, at)
                               : (struct text){0};

        hosts[settings->admin_host_count++] = host;
        if (host.len > 0 && text_find_byte(host, ':') == host.len &&
            text_find_byte(host, '/') == host.len)
            continue;
        it = diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0106,
                      "'admin_hosts' lists names of hosts, without scheme and port; found %.*s",
                      TEXT_ARG(found_text(&reading, at, false)));
        diagnostic_hint(load->diagnostics, it, "write admin_hosts: [pinion-admin.example]");
    }
}

/* A slash at the end would stand twice in what is made of it. */
static void read_public_url(struct load *load, const struct document *document, struct text url,
                            struct settings *settings)
{
    struct diagnostic *it;
    struct text host = text_after(url, text_starts(url, TEXT("https://")) ? 8 : 7);

    if (url.len == 0)
        return;
    while (text_ends(url, TEXT("/")))
        url.len--;
    settings->public_url = url;
    if ((text_starts(url, TEXT("https://")) || text_starts(url, TEXT("http://"))) && host.len > 0 &&
        host.at[0] != '/' && text_find_byte(url, '?') == url.len &&
        text_find_byte(url, '#') == url.len && text_find_byte(url, ' ') == url.len)
        return;
    it = diagnose(load->diagnostics, document, document_member(document, 0, TEXT("public_url")),
                  DIAGNOSTIC_E0106, "'public_url' is the address that callers use, as a URL");
    diagnostic_hint(load->diagnostics, it, "write public_url: https://ai.example.com");
}

/* False when there is no path to look at; one that is not written is no path, but no fault here. */
static bool read_tls_path(struct load *load, const struct document *document, struct tls_file *file)
{
    bool missing;

    return file->cell == CELL_NONE ||
           (load_secret(load, document, file->cell, &file->path, &missing) && !missing);
}

static void read_tls(struct load *load, const struct document *document,
                     const struct settings_draft *draft, struct settings *settings)
{
    struct tls_file certificate = {.cell = draft->certificate}, key = {.cell = draft->key};
    bool good = read_tls_path(load, document, &certificate);

    good = read_tls_path(load, document, &key) && good;
    if (!good || !tls_files_check(load, document, &certificate, &key))
        return;
    settings->certificate = from_folder(load, certificate.path);
    settings->key = from_folder(load, key.path);
}

/* The file, not what is in it: that is read for each use, and replaced by a rotation. */
static void read_master_key(struct load *load, const struct document *document, uint32_t cell,
                            struct settings *settings)
{
    struct text written, path;

    if (cell == CELL_NONE)
        return;
    load_mask(load, document, cell);
    written = document_text(document, cell);
    path = text_first(text_after(written, 7), written.len > 8 ? written.len - 8 : 0);
    if (text_starts(written, TEXT("${file:/")) && text_find_byte(path, '}') == path.len &&
        text_ends(written, TEXT("}")) && text_find_byte(path, '\0') == path.len) {
        settings->master_key = arena_copy(load->arena, path);
        return;
    }
    diagnostic_hint(load->diagnostics,
                    diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0106,
                             "'master_key' names the file that the key is in, nothing else"),
                    "write master_key: \"${file:/etc/pinion/master.key}\"; or leave it out and set "
                    "PINION_MASTER_KEY in the environment, which is needed only where secrets are "
                    "sealed");
}

/* What has files of its own to be read by; in this order, each may name what came before. */
static void load_parts(struct load *load, const struct document *document,
                       const struct settings_draft *draft)
{
    load_providers(load, document, draft->providers);
    load_prices(load, document, draft->prices);
    load_templates(load, document, draft->templates);
    load_projects(load, document, draft->projects);
    load_shared_budget(load, document, draft->budget, &load->config->budget);
    load_guardrails(load, document, draft->guardrails, &load->config->guardrails);
    load_webhooks(load, document, draft->webhooks);
    load_timezone(load, document, draft->timezone);
    load_routing_headers(load, document, draft->routing_headers);
    load_origins(load, document, draft->origins, &load->config->settings.origins);
    load_origins(load, document, draft->mcp_origins, &load->config->settings.mcp_origins);
    load->settings = document; /* for what names endpoints, or must not be named like one */
    load->aliases = draft->aliases;
    load->mounts = draft->mounts;
}

static void read_settings(struct load *load, const struct document *document)
{
    struct settings_draft draft = {.settings = defaults,
                                   .admin_hosts = CELL_NONE,
                                   .routing_headers = CELL_NONE,
                                   .origins = CELL_NONE,
                                   .mcp_origins = CELL_NONE,
                                   .certificate = CELL_NONE,
                                   .key = CELL_NONE,
                                   .master_key = CELL_NONE,
                                   .providers = CELL_NONE,
                                   .templates = CELL_NONE,
                                   .prices = CELL_NONE,
                                   .projects = CELL_NONE,
                                   .budget = CELL_NONE,
                                   .guardrails = CELL_NONE,
                                   .telemetry = {.traces = true,
                                                 .metrics = true,
                                                 .propagate = true,
                                                 .headers = CELL_NONE,
                                                 .resource = CELL_NONE,
                                                 .ratio = CELL_NONE},
                                   .aliases = CELL_NONE,
                                   .mounts = CELL_NONE,
                                   .webhooks = CELL_NONE};
    struct reading reading = load_reading(load, document);
    struct settings *settings = &load->config->settings;

    draft.listen = TEXT("127.0.0.1:8080");
    draft.settings.store = TEXT("var");
    if (document->count > 0)
        keys_read(&reading, 0, 0, &settings_table, &draft);
    *settings = draft.settings;
    settings->store = from_folder(load, settings->store);
    if (settings->log_file.len > 0)
        settings->log_file = from_folder(load, settings->log_file);
    if (settings->backups.len > 0)
        settings->backups = from_folder(load, settings->backups);
    read_listen(load, document, "listen", draft.listen, &settings->listen);
    if (draft.admin.len > 0)
        read_listen(load, document, "admin", draft.admin, &settings->admin);
    else
        default_admin(load, settings);
    if (draft.dashboard.len > 0)
        read_listen(load, document, "dashboard", draft.dashboard, &settings->dashboard);
    read_metrics_listen(load, document, draft.metrics, &settings->metrics);
    read_admin_hosts(load, document, draft.admin_hosts, settings);
    read_public_url(load, document, draft.public_url, settings);
    settings->cut_on_revoke = draft.on_revoke == 1;
    read_tls(load, document, &draft, settings);
    read_master_key(load, document, draft.master_key, settings);
    load_telemetry(load, document, &draft.telemetry, &settings->telemetry);
    load_parts(load, document, &draft);
}

void load_settings(struct load *load)
{
    struct document *document = ARENA_NEW(load->arena, struct document);
    const struct text *names = NULL;
    size_t count = 0;
    struct text bytes;
    const char *why;
    bool present = false, misnamed = false;

    if (load->folder->list(load->folder, TEXT(""), load->arena, &names, &count, &why) != FOLDER_OK)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        present |= text_equal(names[i], TEXT("pinion.yaml"));
        misnamed |= text_equal(names[i], TEXT("pinion.yml"));
    }
    if (misnamed)
        load_misnamed(load, TEXT("pinion.yml"), "this file is not read under this name",
                      TEXT("pinion.yaml"), present);
    if (present && (!load_bytes(load, TEXT("pinion.yaml"), NULL, 0, &bytes) ||
                    !load_yaml(load, TEXT("pinion.yaml"), bytes, false, document))) {
        load->settings_unusable = true;
        *document = (struct document){0};
    }
    load->config->source = document->source;
    read_settings(load, document);
}
