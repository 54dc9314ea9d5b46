#include "command/explain_print.h"

#include "command/log_query.h"
#include "command/log_text.h"
#include "command/said.h"
#include "document/member.h"

#include <stdio.h>

enum { CONDITION_WIDTH = 44 };

static void print_target(const struct document *document, uint32_t target)
{
    said_put(member_text(document, target, "provider"), stdout);
    putchar(' ');
    said_put(member_text(document, target, "model"), stdout);
    if (document_member(document, target, TEXT("allowed")) != CELL_NONE)
        printf(" (the token may not use it)");
}

static void print_condition(const struct document *document, uint32_t at)
{
    struct text condition = member_text(document, at, "condition");
    struct text actual = member_text(document, at, "actual");

    printf("     %s  ", member_flag(document, at, "held") ? "yes" : "no ");
    said_put(condition, stdout);
    if (actual.len > 0) {
        printf("%*s", condition.len < CONDITION_WIDTH ? (int)(CONDITION_WIDTH - condition.len) : 0,
               "");
        printf("  ");
        said_put(actual, stdout);
    }
    putchar('\n');
}

static void print_rule(const struct document *document, uint32_t rule, size_t number)
{
    uint32_t conditions = document_member(document, rule, TEXT("conditions"));

    printf("%3zu. ", number);
    said_put(member_text(document, rule, "name"), stdout);
    printf(": %.*s -> ", TEXT_ARG(member_text(document, rule, "outcome")));
    print_target(document, rule);
    putchar('\n');
    if (conditions == CELL_NONE)
        return;
    for (uint32_t at = conditions + 1; at < document_next(document, conditions);
         at = document_next(document, at))
        print_condition(document, at);
}

static void print_on(const struct document *document, uint32_t on)
{
    const char *between = "  on ";

    for (uint32_t at = on + 1; at < document_next(document, on); at++, between = ", ")
        printf("%s%.*s", between, TEXT_ARG(document_text(document, at)));
}

static void print_chain(const struct document *document, uint32_t chain)
{
    size_t number = 1;

    printf("targets, in the order in which they are tried:\n");
    for (uint32_t at = chain + 1; at < document_next(document, chain);
         at = document_next(document, at)) {
        uint32_t on = document_member(document, at, TEXT("on"));

        printf("%3zu. ", number++);
        print_target(document, at);
        if (on != CELL_NONE)
            print_on(document, on);
        putchar('\n');
    }
}

static void print_all(const struct document *document)
{
    uint32_t explain = document_member(document, 0, TEXT("explain"));
    uint32_t rules = document_member(document, explain, TEXT("rules"));
    uint32_t chain = document_member(document, explain, TEXT("chain"));
    size_t number = 1;

    printf("%.*s at %.*s: route '", TEXT_ARG(member_text(document, 0, "endpoint")),
           TEXT_ARG(member_text(document, 0, "at")));
    said_put(member_text(document, explain, "route"), stdout);
    printf("'\n");
    if (rules != CELL_NONE)
        for (uint32_t at = rules + 1; at < document_next(document, rules);
             at = document_next(document, at))
            print_rule(document, at, number++);
    if (chain != CELL_NONE)
        print_chain(document, chain);
}

void explain_print(const struct command_line *line, struct text json)
{
    struct document document;

    if (option_on(line, "json") || !log_text_read(line, json, &document))
        printf("%.*s\n", TEXT_ARG(json));
    else
        print_all(&document);
}
