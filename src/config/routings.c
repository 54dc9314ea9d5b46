/* Every file of routing/ is compiled, used or not; endpoints that name the same file share its
 * rules, but each resolves their targets for itself. */
#include "config/load.h"

#include "config/value.h"

static void compile(struct load *load, const struct document *document, uint32_t at,
                    struct routing_use *use)
{
    use->document = document;
    use->at = at;
    use->refused = !route_compile(document, at, load->arena, load->diagnostics, &use->rules);
}

static struct routing_use *read_file(struct load *load, struct text path,
                                     const struct document *from, uint32_t cell)
{
    struct document *document = ARENA_NEW(load->arena, struct document);
    struct routing_use *use = ARENA_NEW(load->arena, struct routing_use);
    struct text bytes;

    use->refused = true;
    if (!load_bytes(load, path, from, cell, &bytes))
        return use;
    if (load_yaml(load, path, bytes, true, document))
        compile(load, document, 0, use);
    known_file_add(&load->routings, load->arena, path, use);
    return use;
}

void load_routings(struct load *load)
{
    const struct text *paths;
    size_t count;
    bool missing;

    load_listing(load, "routing", ".yaml", ".yml", &paths, &count, &missing);
    for (size_t i = 0; i < count; i++)
        read_file(load, paths[i], NULL, 0);
    load->routings.sorted = load->routings.count;
}

bool load_routing(struct load *load, const struct document *document, uint32_t at,
                  struct routing_use **out)
{
    struct text path;

    if (document_cell(document, at)->type != CELL_STRING) {
        *out = ARENA_NEW(load->arena, struct routing_use);
        compile(load, document, at, *out);
        return !(*out)->refused;
    }
    if (!load_path(load, document, at, &path))
        return false;
    *out = known_file(&load->routings, path);
    if (*out == NULL && !text_ends(path, TEXT(".yaml"))) {
        struct text shown = value_shown(load->diagnostics->arena, path);
        struct diagnostic *it =
            diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0106,
                     "\"%.*s\" is not the path of a YAML file", TEXT_ARG(shown));

        diagnostic_hint(load->diagnostics, it,
                        "write routing/name.yaml, a file that holds rules: [...], or put the list "
                        "of rules itself here");
        return false;
    }
    if (*out == NULL)
        *out = read_file(load, path, document, at);
    return !(*out)->refused;
}
