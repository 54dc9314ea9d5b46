/* What a provider says that has names of its own for models (Azure): which version of the API is
 * asked, and what its deployments are. */
#include "config/load.h"
#include "config/value.h"
#include "provider/kind.h"

enum { DEPLOYMENTS_MAX = 1000, VERSION_BYTES = 64 };

static bool refuse(struct load *load, const struct document *document, uint32_t cell,
                   enum diagnostic_code code, const char *what, const char *hint)
{
    struct diagnostic *it = diagnose(load->diagnostics, document, cell, code, "%s", what);

    diagnostic_hint(load->diagnostics, it, "%s", hint);
    return false;
}

static bool version_valid(struct text version)
{
    for (size_t i = 0; i < version.len; i++) {
        char byte = version.at[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-'))
            return false;
    }
    return version.len > 0 && version.len <= VERSION_BYTES;
}

static bool read_version(struct load *load, const struct document *document, uint32_t cell,
                         struct provider *provider)
{
    struct text version = document_text(document, cell);

    if (!version_valid(version))
        return refuse(load, document, cell, DIAGNOSTIC_E0106, "'api_version' is malformed",
                      "it is written api_version: 2024-10-21");
    provider->query = arena_printf(load->arena, "api-version=%.*s", TEXT_ARG(version));
    return true;
}

static bool read_models(struct load *load, const struct document *document, uint32_t cell,
                        struct provider *provider)
{
    uint32_t members = load_members(load, document, cell, DEPLOYMENTS_MAX);
    struct deployment *deployments = ARENA_ARRAY(load->arena, struct deployment, members);
    bool good = true;

    for (uint32_t i = 0, at = cell + 1; i < members; i++, at = document_next(document, at + 1)) {
        if (document_cell(document, at + 1)->type != CELL_STRING) {
            good = refuse(load, document, at + 1, DIAGNOSTIC_E0103,
                          "the model that a deployment is must be a string",
                          "it is written deployments: {my-deployment: gpt-4.1-mini}");
            continue;
        }
        deployments[provider->deployment_count++] =
            (struct deployment){document_text(document, at), document_text(document, at + 1)};
    }
    provider->deployments = deployments;
    return good;
}

bool load_deployments(struct load *load, const struct document *document, uint32_t version,
                      uint32_t models, struct provider *provider)
{
    uint32_t first = version != CELL_NONE ? version : models;
    bool good = true;

    if (first != CELL_NONE && !provider->kind->habits.deployments)
        return refuse(load, document, key_of(first), DIAGNOSTIC_E0102,
                      "'api_version' and 'deployments' belong to providers of the kind azure",
                      "remove it, or write kind: azure");
    if (version != CELL_NONE)
        good = read_version(load, document, version, provider);
    if (models != CELL_NONE)
        good &= read_models(load, document, models, provider);
    return good;
}
