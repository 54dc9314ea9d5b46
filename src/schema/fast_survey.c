/* Surveys: where `unevaluatedProperties` waits for sources, the conditions and branches for the
 * same object mostly ask for a few names each. Instead of a walk over the members for each of them
 * there is one, that of OP_REST, done first: it notes where the names are that anybody asks for. */
#include "schema/fast_make.h"

static bool may_ask(const struct code *code)
{
    const struct object_rules *rules = code->data;

    return code->op == OP_MEMBERS && rules->simple && rules->additional == NODE_NONE;
}

/* The rules of OP_REST with the names that others ask for. NULL: too many, or somebody looks at
 * more than names. */
static struct object_rules *gather(struct compiler *compiler, const struct code *rest, size_t own)
{
    const struct object_rules *from = rest->data;
    struct object_rules *rules;

    if (!from->simple || from->all_sources != 0 || from->set.count > FOUND_MAX)
        return NULL;
    rules = copy_rules(from, FOUND_MAX + 1, compiler->arena); /* the last one is no name */
    for (size_t i = own; i < compiler->code_count; i++) {
        const struct object_rules *asking = compiler->code[i].data;

        if (!may_ask(&compiler->code[i]))
            continue;
        for (uint32_t k = 0; k < asking->set.count; k++) {
            struct known_name *name = &rules->set.names[rules->set.count];

            if (find_name(rules, &asking->set.names[k]) != NULL)
                continue;
            if (rules->set.count == FOUND_MAX)
                return NULL;
            *name = asking->set.names[k];
            name->node = NODE_NONE;
            name->required = name->sources = 0;
            rules->set.count++;
        }
    }
    name_set_init(&rules->set, compiler->arena);
    return rules;
}

static struct asked_names *make_asked(struct compiler *compiler, const struct object_rules *rules,
                                      const struct object_rules *asking)
{
    struct asked_names *asked = ARENA_NEW(compiler->arena, struct asked_names);

    asked->names = ARENA_ARRAY(compiler->arena, struct asked_name, asking->set.count);
    asked->count = asking->set.count;
    for (uint32_t i = 0; i < asked->count; i++) {
        const struct known_name *known = &asking->set.names[i];
        uint32_t place = (uint32_t)(find_name(rules, known) - rules->set.names);

        asked->names[i] = (struct asked_name){known, place};
        if (known->required != 0)
            asked->required |= UINT64_C(1) << place;
    }
    return asked;
}

const struct survey *make_survey(struct compiler *compiler, size_t own)
{
    struct code *rest = NULL;
    struct survey *survey;
    struct object_rules *rules;

    for (size_t i = own; i < compiler->code_count; i++) {
        if (compiler->code[i].op == OP_REST)
            rest = &compiler->code[i];
    }
    rules = rest != NULL ? gather(compiler, rest, own) : NULL;
    if (rules == NULL)
        return NULL;
    rules->next = compiler->object_rules;
    compiler->object_rules = rules;
    survey = ARENA_NEW(compiler->arena, struct survey);
    survey->rules = rules;
    for (uint32_t i = 0; i < rules->set.count; i++) {
        if (rules->set.names[i].required != 0)
            survey->required |= UINT64_C(1) << i;
        if ((rules->set.names[i].sources & SOURCE_ALWAYS) == 0)
            survey->conditional |= UINT64_C(1) << i;
    }
    for (size_t i = own; i < compiler->code_count; i++) {
        struct code *code = &compiler->code[i];

        if (may_ask(code))
            *code = (struct code){.op = OP_FOUND, .data = make_asked(compiler, rules, code->data)};
    }
    *rest = (struct code){.op = OP_LEFT, .data = survey};
    return survey;
}
