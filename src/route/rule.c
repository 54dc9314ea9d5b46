/* Rules are read in order and each is checked on its own, so that one run names everything that is
 * wrong. A rule without conditions, or with none in its `when`, always holds; those behind it can
 * never be reached, which is worth a warning. */
#include "route/condition.h"

enum { NAME_BYTES_MAX = 64 };

static const struct text rule_keys[] = {TEXT_INIT("name"), TEXT_INIT("when"), TEXT_INIT("use"),
                                        TEXT_INIT("watch")};
static const struct text use_keys[] = {TEXT_INIT("provider"), TEXT_INIT("model"),
                                       TEXT_INIT("template"), TEXT_INIT("endpoint")};
static const struct text file_keys[] = {TEXT_INIT("rules")};

/* Refuses every key of an object that is not one of `keys`. */
static bool check_keys(struct route_compiler *compiler, uint32_t object, const struct text *keys,
                       size_t count)
{
    uint32_t end = document_next(compiler->document, object);
    bool valid = true;

    for (uint32_t key = object + 1; key < end; key = document_next(compiler->document, key + 1)) {
        struct text name = document_text(compiler->document, key), near;
        struct diagnostic *diagnostic;
        size_t i = 0;

        while (i < count && !text_equal(name, keys[i]))
            i++;
        if (i < count)
            continue;
        valid = false;
        diagnostic = diagnose(compiler->diagnostics, compiler->document, key, DIAGNOSTIC_E0102,
                              "unknown key '%.*s'", TEXT_ARG(text_cut(name, 64)));
        near = nearest_name(name, keys, count);
        if (near.len > 0)
            diagnostic_hint(compiler->diagnostics, diagnostic, "did you mean '%.*s'?",
                            TEXT_ARG(near));
    }
    return valid;
}

/* A name goes into a response header and the log. */
static bool is_name(struct text name)
{
    if (name.len == 0 || name.len > NAME_BYTES_MAX || text_trim(name).len != name.len)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < 0x20 || name.at[i] == 0x7F)
            return false;
    return !text_equal(name, TEXT("default"));
}

static bool check_name(struct route_compiler *compiler, const struct route_rules *before,
                       uint32_t at, struct text name)
{
    struct diagnostic *diagnostic;

    if (!is_name(name)) {
        diagnostic = diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0106,
                              "this cannot be the name of a rule");
        diagnostic_hint(compiler->diagnostics, diagnostic,
                        "use 1 to %d bytes without control characters or spaces at the ends; "
                        "'default' means that no rule held",
                        NAME_BYTES_MAX);
        return false;
    }
    for (size_t i = 0; i < before->count; i++)
        if (text_equal(before->items[i].name, name)) {
            diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0106,
                     "rule %zu is called '%.*s' already", i + 1, TEXT_ARG(name));
            return false;
        }
    return true;
}

static bool read_name(struct route_compiler *compiler, const struct route_rules *before,
                      uint32_t rule, struct text *out)
{
    uint32_t at = document_member(compiler->document, rule, TEXT("name"));

    if (at == CELL_NONE) {
        diagnose(compiler->diagnostics, compiler->document, rule, DIAGNOSTIC_E0101,
                 "rule %zu has no 'name'", before->count + 1);
        return false;
    }
    if (document_cell(compiler->document, at)->type != CELL_STRING) {
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0103,
                 "the name of a rule must be a string, found %s", route_found(compiler, at));
        return false;
    }
    *out = arena_copy(compiler->arena, document_text(compiler->document, at));
    return check_name(compiler, before, at, *out);
}

/* A member of `use`; empty when it is not there. False after a diagnostic. */
static bool read_target(struct route_compiler *compiler, uint32_t use, struct text name,
                        struct text *out)
{
    uint32_t at = document_member(compiler->document, use, name);
    const struct cell *cell;

    if (at == CELL_NONE)
        return true;
    cell = document_cell(compiler->document, at);
    if (cell->type != CELL_STRING) {
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0403,
                 "'%.*s' must be a string, found %s", TEXT_ARG(name), route_found(compiler, at));
        return false;
    }
    if (text_trim(cell_text(cell)).len == 0) {
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0403, "'%.*s' is empty",
                 TEXT_ARG(name));
        return false;
    }
    *out = arena_copy(compiler->arena, cell_text(cell));
    return true;
}

static bool check_targets(struct route_compiler *compiler, const struct route_use *use)
{
    struct diagnostic *diagnostic;

    if (use->endpoint.len > 0 && use->template.len + use->provider.len + use->model.len > 0) {
        diagnostic = diagnose(compiler->diagnostics, compiler->document, use->at, DIAGNOSTIC_E0403,
                              "'use' has both 'endpoint' and '%s'",
                              use->model.len > 0      ? "model"
                              : use->provider.len > 0 ? "provider"
                                                      : "template");
        diagnostic_hint(compiler->diagnostics, diagnostic,
                        "an endpoint brings its own provider and model: keep one of the two");
        return false;
    }
    if (use->template.len > 0 && (use->provider.len > 0 || use->model.len > 0)) {
        diagnostic = diagnose(compiler->diagnostics, compiler->document, use->at, DIAGNOSTIC_E0403,
                              "'use' has both 'template' and '%s'",
                              use->model.len > 0 ? "model" : "provider");
        diagnostic_hint(compiler->diagnostics, diagnostic,
                        "a template brings its own provider and model: keep one of the two");
        return false;
    }
    if (use->endpoint.len + use->template.len + use->provider.len + use->model.len > 0)
        return true;
    diagnostic = diagnose(compiler->diagnostics, compiler->document, use->at, DIAGNOSTIC_E0403,
                          "'use' names nothing to use");
    diagnostic_hint(compiler->diagnostics, diagnostic,
                    "name a 'model', a 'provider' or both, a 'template', or an 'endpoint'");
    return false;
}

static bool read_use(struct route_compiler *compiler, uint32_t rule, struct route_use *out)
{
    uint32_t use = document_member(compiler->document, rule, TEXT("use"));
    struct diagnostic *diagnostic;
    bool valid;

    out->at = use;
    if (use == CELL_NONE) {
        diagnostic = diagnose(compiler->diagnostics, compiler->document, rule, DIAGNOSTIC_E0101,
                              "the rule does not say what to 'use'");
        diagnostic_hint(compiler->diagnostics, diagnostic,
                        "add use: {model: gpt-4.1-nano}, or {template: NAME}");
        return false;
    }
    if (document_cell(compiler->document, use)->type != CELL_OBJECT) {
        diagnostic = diagnose(compiler->diagnostics, compiler->document, use, DIAGNOSTIC_E0403,
                              "'use' must be an object, found %s", route_found(compiler, use));
        diagnostic_hint(compiler->diagnostics, diagnostic,
                        "write it as {model: gpt-4.1-nano} or {provider: openai, model: ...}");
        return false;
    }
    valid = check_keys(compiler, use, use_keys, 4);
    valid = read_target(compiler, use, use_keys[0], &out->provider) && valid;
    valid = read_target(compiler, use, use_keys[1], &out->model) && valid;
    valid = read_target(compiler, use, use_keys[2], &out->template) && valid;
    valid = read_target(compiler, use, use_keys[3], &out->endpoint) && valid;
    return valid && check_targets(compiler, out);
}

static void read_when(struct route_compiler *compiler, uint32_t rule,
                      const struct route_condition **out)
{
    uint32_t when = document_member(compiler->document, rule, TEXT("when"));

    *out = when != CELL_NONE ? route_condition_compile(compiler, when) : NULL;
}

static void read_rule(struct route_compiler *compiler, const struct route_rules *before,
                      uint32_t at, struct route_rule *out)
{
    if (document_cell(compiler->document, at)->type != CELL_OBJECT) {
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0103,
                 "a rule must be an object, found %s", route_found(compiler, at));
        return;
    }
    check_keys(compiler, at, rule_keys, 4);
    read_name(compiler, before, at, &out->name);
    compiler->rule = out->name;
    compiler->rule_index = before->count;
    read_when(compiler, at, &out->when);
    read_use(compiler, at, &out->use);
    out->at = at;
    out->watch = document_member(compiler->document, at, TEXT("watch"));
}

/* Warns about every rule behind the first that always holds. */
static void warn_unreachable(struct route_compiler *compiler, uint32_t list,
                             const struct route_rules *rules)
{
    uint32_t at = list + 1;
    size_t always = 0;

    while (always < rules->count && rules->items[always].when != NULL &&
           !route_condition_always(rules->items[always].when))
        always++;
    for (size_t i = 0; i < rules->count; i++, at = document_next(compiler->document, at))
        if (i > always)
            diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_W0401,
                     "rule '%.*s' can never be reached: rule '%.*s' before it always holds",
                     TEXT_ARG(rules->items[i].name), TEXT_ARG(rules->items[always].name));
}

/* The list of rules: the cell itself or its member `rules`; CELL_NONE after a diagnostic. */
static uint32_t find_list(struct route_compiler *compiler, uint32_t at)
{
    uint32_t list = at;

    if (document_cell(compiler->document, at)->type == CELL_OBJECT) {
        check_keys(compiler, at, file_keys, 1);
        list = document_member(compiler->document, at, TEXT("rules"));
    }
    if (list == CELL_NONE) {
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0101,
                 "the key 'rules' is missing");
    } else if (document_cell(compiler->document, list)->type != CELL_ARRAY) {
        diagnose(compiler->diagnostics, compiler->document, list, DIAGNOSTIC_E0103,
                 "the rules must be a list, found %s", route_found(compiler, list));
        list = CELL_NONE;
    } else if (document_cell(compiler->document, list)->size > ROUTE_RULES_MAX) {
        diagnose(compiler->diagnostics, compiler->document, list, DIAGNOSTIC_E0104,
                 "there are %u rules, and at most %d are allowed",
                 document_cell(compiler->document, list)->size, ROUTE_RULES_MAX);
        list = CELL_NONE;
    }
    return list;
}

bool route_compile(const struct document *document, uint32_t at, struct arena *arena,
                   struct diagnostics *diagnostics, struct route_rules *out)
{
    struct route_compiler compiler = {
        .document = document, .arena = arena, .diagnostics = diagnostics};
    size_t errors_before = diagnostics->error_count;
    uint32_t list = find_list(&compiler, at), end;
    struct route_rule *rules;

    *out = (struct route_rules){0};
    if (list == CELL_NONE)
        return false;
    rules = ARENA_ARRAY(arena, struct route_rule, document_cell(document, list)->size);
    out->items = rules;
    end = document_next(document, list);
    for (at = list + 1; at < end; at = document_next(document, at)) {
        read_rule(&compiler, out, at, &rules[out->count]);
        out->count++;
    }
    if (diagnostics->error_count > errors_before)
        return false;
    out->needs = compiler.needs;
    out->need_count = compiler.need_count;
    out->asks = compiler.asks;
    warn_unreachable(&compiler, list, out);
    return true;
}
