#include "split.hpp"

int main()
{
    return split(" one  two ").size() == 2 ? 0 : 1;
}
