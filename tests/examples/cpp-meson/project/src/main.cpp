#include <fmt/core.h>

#include "split.hpp"

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        fmt::print("{}\n", split(argv[i]).size());
    }
}
