/* The steps of a load, each reading its own files and reporting its own mistakes. What is read
 * lives in the configuration's arena; diagnostics outlive it, so at the end they get copies of the
 * sources that their code frames are cut from. */
#include "config/config.h"

#include "base/check.h"
#include "config/load.h"
#include "config/value.h"

#include <stdlib.h>

static int by_slug(const void *a, const void *b)
{
    const struct endpoint *left = a, *right = b;
    int order = text_compare(left->slug, right->slug);

    return order ? order : text_compare(left->file, right->file);
}

static void report_twice(struct load *load, const struct endpoint *first,
                         const struct endpoint *second)
{
    struct diagnostic *it = diagnose_file(
        load->diagnostics, second->file, (struct text){0}, (struct range){0}, DIAGNOSTIC_E0108,
        "the slug \"%.*s\" is already that of %.*s",
        TEXT_ARG(value_shown(load->diagnostics->arena, second->slug)), TEXT_ARG(first->file));

    diagnostic_hint(load->diagnostics, it, "give one of them another slug");
}

void load_endpoints(struct load *load)
{
    const struct text *paths;
    struct endpoint *endpoints;
    size_t path_count, count = 0;
    bool missing;

    load_listing(load, "endpoints", ".yaml", ".yml", &paths, &path_count, &missing);
    endpoints = ARENA_ARRAY(load->arena, struct endpoint, path_count);
    for (size_t i = 0; i < path_count; i++)
        if (endpoint_load(load, paths[i], &endpoints[count]))
            load_pin(load, &endpoints[count++]);
    if (count > 0)
        qsort(endpoints, count, sizeof *endpoints, by_slug);
    for (size_t i = 1; i < count; i++)
        if (endpoints[i].slug.len > 0 && text_equal(endpoints[i - 1].slug, endpoints[i].slug))
            report_twice(load, &endpoints[i - 1], &endpoints[i]);
    load->config->endpoints = endpoints;
    load->config->endpoint_count = count;
    load_candidates(load, endpoints, count);
    load_tools_named(load);
    load_successors(load);
}

/* Whether this is a configuration folder at all: a mistyped path must not serve nothing. */
static bool folder_usable(struct load *load, struct text name)
{
    const struct text *names = NULL;
    size_t count = 0;
    const char *why = "it is no folder";
    enum folder_status status =
        load->folder->list(load->folder, TEXT(""), load->arena, &names, &count, &why);
    struct diagnostic *it;

    if (status != FOLDER_OK) {
        diagnose_file(load->diagnostics, name, (struct text){0}, (struct range){0},
                      DIAGNOSTIC_E0602, "the configuration folder cannot be read: %s", why);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (text_equal(names[i], TEXT("endpoints")) || text_starts(names[i], TEXT("pinion.y")))
            return true;
    it = diagnose_file(load->diagnostics, name, (struct text){0}, (struct range){0},
                       DIAGNOSTIC_E0602,
                       "this is not a configuration folder: it has neither pinion.yaml nor "
                       "endpoints/");
    diagnostic_hint(load->diagnostics, it,
                    "name the folder with --config DIR, or begin one here with `pinion new SLUG`");
    return false;
}

static void load_all(struct load *load)
{
    unsigned len = 0;

    load->digest = EVP_MD_CTX_new();
    CHECK(load->digest != NULL && EVP_DigestInit_ex(load->digest, EVP_sha256(), NULL) == 1);
    load_settings(load);
    load_schemas(load);
    load_routings(load);
    load_partials(load);
    load_test_files(load);
    load_endpoints(load);
    load_aliases(load);
    load_all_origins(load);
    load_mounts(load);
    load_models(load);
    load_unused_partials(load);
    load_stray_tests(load);
    load_shared_budget_prices(load);
    load_watched_used(load);
    CHECK(EVP_DigestFinal_ex(load->digest, load->config->digest, &len) == 1 &&
          len == sizeof load->config->digest);
    EVP_MD_CTX_free(load->digest);
}

/* The bytes for code frames, with credentials that were written out starred. */
static struct text shown_source(const struct load *load, struct text source)
{
    struct text copy = arena_copy(load->diagnostics->arena, source);

    for (const struct masked *masked = load->masked; masked != NULL; masked = masked->next)
        if (masked->source == source.at)
            for (size_t i = masked->start; i < masked->end && i < source.len; i++)
                if (source.at[i] != '\n')
                    ((char *)(uintptr_t)copy.at)[i] = '*';
    return copy;
}

/* Diagnostics of the same file share its copy. */
static void keep_sources(const struct load *load, size_t from)
{
    struct diagnostics *diagnostics = load->diagnostics;

    for (size_t i = from; i < diagnostics->count; i++) {
        struct diagnostic *it = &diagnostics->items[i];
        const char *source = it->source.at;

        it->file = arena_copy(diagnostics->arena, it->file);
        if (it->source.len == 0)
            continue;
        it->source = shown_source(load, it->source);
        for (size_t j = i + 1; j < diagnostics->count; j++)
            if (diagnostics->items[j].source.at == source)
                diagnostics->items[j].source = it->source;
    }
}

struct config *config_load_from(struct folder *folder, struct text name,
                                const struct config_options *options,
                                struct diagnostics *diagnostics)
{
    struct arena arena = {0};
    struct config *config = ARENA_NEW(&arena, struct config);
    struct load load = {.folder = folder,
                        .options = options,
                        .diagnostics = diagnostics,
                        .config = config,
                        .arena = &config->arena};
    size_t errors = diagnostics->error_count, known = diagnostics->count;

    config->arena = arena;
    config->folder = arena_copy(load.arena, name);
    if (folder_usable(&load, config->folder))
        load_all(&load);
    keep_sources(&load, known);
    if (diagnostics->error_count == errors)
        return config;
    config_free(config);
    return NULL;
}

struct config *config_load(struct text folder, const struct config_options *options,
                           struct diagnostics *diagnostics)
{
    struct arena arena = {0};
    struct folder_disk disk;
    struct config *config = NULL;
    const char *why;

    if (folder_disk_open(&disk, folder, options->vault, &arena, &why))
        config = config_load_from(&disk.folder, folder, options, diagnostics);
    else
        diagnose_file(diagnostics, arena_copy(diagnostics->arena, folder), (struct text){0},
                      (struct range){0}, DIAGNOSTIC_E0602,
                      "the configuration folder cannot be opened: %s", why);
    folder_disk_close(&disk);
    arena_release(&arena);
    return config;
}

void config_free(struct config *config)
{
    struct arena arena;

    if (config == NULL)
        return;
    arena = config->arena; /* which is in its own memory */
    arena_release(&arena);
}

static int slug_order(const void *key, const void *item)
{
    return text_compare(*(const struct text *)key, ((const struct endpoint *)item)->slug);
}

static const struct endpoint *find(const struct endpoint *sorted, size_t count, struct text slug)
{
    return count == 0 ? NULL : bsearch(&slug, sorted, count, sizeof *sorted, slug_order);
}

const struct endpoint *config_endpoint(const struct config *config, struct text slug)
{
    return find(config->endpoints, config->endpoint_count, slug);
}

const struct endpoint *config_alias(const struct config *config, struct text name)
{
    return find(config->aliases, config->alias_count, name);
}
