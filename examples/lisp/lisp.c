/* A small Lisp: integers, strings, symbols, lists, closures, tail calls.
 *
 *     lisp FILE...     evaluates each file, in order
 *     lisp             evaluates standard input, printing the value of each expression
 *
 * Memory is never given back: programs here are short. Errors end the program with status 1.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum type { NIL, INT, STRING, SYMBOL, PAIR, BUILTIN, CLOSURE };

typedef struct value value;
typedef value *builtin(value *args);
struct value {
    enum type type;
    union {
        long long number;
        struct { const char *text; value *next, *bound; } symbol; /* and the value bound globally */
        struct { value *first, *rest; } pair;
        struct { builtin *call; const char *name; } builtin;
        struct { value *params, *body, *env; } closure;
    } as;
};

static value nil_value = { NIL, { 0 } };
#define nil (&nil_value)
static value *symbols = nil, *truth, *s_quote, *s_if, *s_define, *s_lambda, *s_let, *s_begin,
             *s_cond, *s_else, *s_set, *s_and, *s_or;

_Noreturn static void fail(const char *what, const char *detail)
{
    fflush(stdout);
    fprintf(stderr, "lisp: %s%s%s\n", what, *detail ? ": " : "", detail);
    exit(1);
}

/* -------------------------------------------------------------------------- values */

static value *make(enum type type)
{
    static value *chunk;
    static size_t left;
    if (left == 0) {
        left = 4096;
        chunk = malloc(left * sizeof *chunk);
        if (!chunk) fail("out of memory", "");
    }
    value *v = &chunk[--left];
    v->type = type;
    return v;
}

static value *integer(long long number)
{
    value *v = make(INT);
    v->as.number = number;
    return v;
}

static value *cons(value *first, value *rest)
{
    value *v = make(PAIR);
    v->as.pair.first = first;
    v->as.pair.rest = rest;
    return v;
}

static value *string(const char *text)
{
    value *v = make(STRING);
    v->as.symbol.text = strdup(text);
    return v;
}

static value *symbol(const char *text)
{
    for (value *s = symbols; s != nil; s = s->as.symbol.next)
        if (!strcmp(s->as.symbol.text, text)) return s;
    value *s = string(text);
    s->type = SYMBOL;
    s->as.symbol.next = symbols;
    s->as.symbol.bound = NULL;
    return symbols = s;
}

static value *first(value *v)
{
    if (v->type != PAIR) fail("not a pair", "");
    return v->as.pair.first;
}

static value *rest(value *v)
{
    if (v->type != PAIR) fail("not a pair", "");
    return v->as.pair.rest;
}

static long long number(value *v)
{
    if (v->type != INT) fail("not a number", v->type == SYMBOL ? v->as.symbol.text : "");
    return v->as.number;
}

static void print(value *v, int quoted)
{
    switch (v->type) {
    case NIL: printf("()"); break;
    case INT: printf("%lld", v->as.number); break;
    case STRING: printf(quoted ? "\"%s\"" : "%s", v->as.symbol.text); break;
    case SYMBOL: printf("%s", v->as.symbol.text); break;
    case BUILTIN: printf("<%s>", v->as.builtin.name); break;
    case CLOSURE: printf("<lambda>"); break;
    case PAIR:
        putchar('(');
        for (; v->type == PAIR; v = v->as.pair.rest) {
            print(v->as.pair.first, quoted);
            if (v->as.pair.rest != nil) putchar(' ');
        }
        if (v != nil) printf(". "), print(v, quoted);
        putchar(')');
    }
}

/* -------------------------------------------------------------------------- reading */

static int peek(FILE *in)
{
    int c = getc(in);
    ungetc(c, in);
    return c;
}

/* The first character of the next expression, or EOF. */
static int skip(FILE *in)
{
    int c;
    while ((c = getc(in)) != EOF)
        if (c == ';') { while ((c = getc(in)) != '\n' && c != EOF) {} }
        else if (!strchr(" \t\r\n", c)) break;
    return c;
}

static value *read_from(FILE *in, int c)
{
    char text[256];
    size_t n = 0;
    if (c == EOF) fail("unexpected end of input", "");
    if (c == ')') fail("unexpected )", "");
    if (c == '\'') return cons(s_quote, cons(read_from(in, skip(in)), nil));
    if (c == '(') {
        value *list = nil, **end = &list;
        while ((c = skip(in)) != ')') {
            *end = cons(read_from(in, c), nil);
            end = &(*end)->as.pair.rest;
        }
        return list;
    }
    if (c == '"') {
        while ((c = getc(in)) != '"') {
            if (c == EOF) fail("unexpected end of input", "in a string");
            if (n < sizeof text - 1) text[n++] = (char)c;
        }
        text[n] = 0;
        return string(text);
    }
    for (text[n++] = (char)c; (c = peek(in)) != EOF && !strchr(" \t\r\n()'\";", c); getc(in))
        if (n < sizeof text - 1) text[n++] = (char)c;
    text[n] = 0;
    char *end;
    long long integral = strtoll(text, &end, 10);
    return *end == 0 ? integer(integral) : symbol(text);
}

/* -------------------------------------------------------------------------- evaluating */

/* An environment is a list of (name . value); names that are not in it are global. */
static value **lookup(value *name, value *env)
{
    for (; env != nil; env = env->as.pair.rest)
        if (env->as.pair.first->as.pair.first == name) return &env->as.pair.first->as.pair.rest;
    return &name->as.symbol.bound;
}

static value *eval(value *v, value *env);

static value *eval_list(value *list, value *env)
{
    value *values = nil, **end = &values;
    for (; list != nil; list = rest(list)) {
        *end = cons(eval(first(list), env), nil);
        end = &(*end)->as.pair.rest;
    }
    return values;
}

static value *bind(value *params, value *args, value *env)
{
    for (; params->type == PAIR; params = rest(params), args = rest(args)) {
        if (args == nil) fail("too few arguments", "");
        env = cons(cons(first(params), first(args)), env);
    }
    if (params != nil) return cons(cons(params, args), env);
    if (args != nil) fail("too many arguments", "");
    return env;
}

static value *lambda(value *params, value *body, value *env)
{
    value *v = make(CLOSURE);
    v->as.closure.params = params;
    v->as.closure.body = body;
    v->as.closure.env = env;
    return v;
}

static value *define(value *args, value *env)
{
    value *name = first(args), *what;
    if (name->type == PAIR) {
        what = lambda(rest(name), rest(args), env);
        name = first(name);
    } else {
        what = eval(first(rest(args)), env);
    }
    if (name->type != SYMBOL) fail("not a name", "");
    name->as.symbol.bound = what;
    return name;
}

/* A loop, not a recursion, for what stands last: tail calls need no stack. */
static value *eval(value *v, value *env)
{
    for (;;) {
        if (v->type == SYMBOL) {
            value *found = *lookup(v, env);
            if (!found) fail("not defined", v->as.symbol.text);
            return found;
        }
        if (v->type != PAIR) return v;
        value *op = v->as.pair.first, *args = v->as.pair.rest, *body;
        if (op == s_quote) return first(args);
        if (op == s_lambda) return lambda(first(args), rest(args), env);
        if (op == s_define) return define(args, env);
        if (op == s_set) return *lookup(first(args), env) = eval(first(rest(args)), env);
        if (op == s_if) {
            value *ways = rest(args);
            if (eval(first(args), env) == nil) ways = rest(ways);
            if (ways == nil) return nil;
            v = first(ways);
            continue;
        }
        if (op == s_and || op == s_or) {
            value *result = op == s_and ? truth : nil;
            for (; args != nil && (result != nil) == (op == s_and); args = rest(args))
                result = eval(first(args), env);
            return result;
        }
        if (op == s_cond) {
            for (; args != nil; args = rest(args)) {
                value *test = first(first(args));
                if (test == s_else || eval(test, env) != nil) break;
            }
            if (args == nil) return nil;
            body = rest(first(args));
        } else if (op == s_let) {
            value *inner = env;
            for (value *b = first(args); b != nil; b = rest(b))
                inner = cons(cons(first(first(b)), eval(first(rest(first(b))), env)), inner);
            env = inner;
            body = rest(args);
        } else if (op == s_begin) {
            body = args;
        } else {
            value *callee = eval(op, env);
            args = eval_list(args, env);
            if (callee->type == BUILTIN) return callee->as.builtin.call(args);
            if (callee->type != CLOSURE) fail("not a function", "");
            env = bind(callee->as.closure.params, args, callee->as.closure.env);
            body = callee->as.closure.body;
        }
        if (body == nil) return nil;
        for (; rest(body) != nil; body = rest(body)) eval(first(body), env);
        v = first(body);
    }
}

/* -------------------------------------------------------------------------- builtins */

#define A number(first(args))
#define B number(first(rest(args)))
#define ARITHMETIC(name, op) static value *name(value *args) { return integer(A op B); }
#define COMPARISON(name, op) static value *name(value *args) { return A op B ? truth : nil; }

ARITHMETIC(f_sub, -)
COMPARISON(f_lt, <)
COMPARISON(f_gt, >)
COMPARISON(f_eq, ==)

static value *f_add(value *args)
{
    long long sum = 0;
    for (; args != nil; args = rest(args)) sum += number(first(args));
    return integer(sum);
}

static value *f_mul(value *args)
{
    long long product = 1;
    for (; args != nil; args = rest(args)) product *= number(first(args));
    return integer(product);
}

/* Division is not checked here: WebAssembly traps by itself. */
ARITHMETIC(f_div, /)
ARITHMETIC(f_mod, %)

static value *f_cons(value *args) { return cons(first(args), first(rest(args))); }
static value *f_car(value *args) { return first(first(args)); }
static value *f_cdr(value *args) { return rest(first(args)); }
static value *f_list(value *args) { return args; }
static value *f_null(value *args) { return first(args) == nil ? truth : nil; }
static value *f_is(value *args) { return first(args) == first(rest(args)) ? truth : nil; }

static value *f_print(value *args)
{
    for (; args != nil; args = rest(args)) {
        print(first(args), 0);
        if (rest(args) != nil) putchar(' ');
    }
    putchar('\n');
    return nil;
}

static void builtins(void)
{
    static const struct { const char *name; builtin *call; } table[] = {
        { "+", f_add }, { "-", f_sub }, { "*", f_mul }, { "/", f_div }, { "mod", f_mod },
        { "<", f_lt }, { ">", f_gt }, { "=", f_eq }, { "cons", f_cons }, { "car", f_car },
        { "cdr", f_cdr }, { "list", f_list }, { "null?", f_null }, { "not", f_null },
        { "eq?", f_is }, { "print", f_print },
    };
    for (size_t n = 0; n < sizeof table / sizeof *table; n++) {
        value *v = make(BUILTIN);
        v->as.builtin.call = table[n].call;
        v->as.builtin.name = table[n].name;
        symbol(table[n].name)->as.symbol.bound = v;
    }
    truth = symbol("t");
    truth->as.symbol.bound = truth;
    symbol("nil")->as.symbol.bound = nil;
    s_quote = symbol("quote"), s_if = symbol("if"), s_define = symbol("define");
    s_lambda = symbol("lambda"), s_let = symbol("let"), s_begin = symbol("begin");
    s_cond = symbol("cond"), s_else = symbol("else"), s_set = symbol("set!");
    s_and = symbol("and"), s_or = symbol("or");
}

int main(int argc, char **argv)
{
    builtins();
    for (int n = 1; n < argc; n++) {
        FILE *in = fopen(argv[n], "r");
        if (!in) fail(argv[n], strerror(errno));
        for (int c; (c = skip(in)) != EOF;) eval(read_from(in, c), nil);
        fclose(in);
    }
    for (int c; argc == 1 && (c = skip(stdin)) != EOF;) {
        print(eval(read_from(stdin, c), nil), 1);
        putchar('\n');
    }
}
