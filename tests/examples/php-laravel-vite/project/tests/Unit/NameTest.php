<?php

namespace Tests\Unit;

use PHPUnit\Framework\TestCase;

class NameTest extends TestCase
{
    public function test_names_are_trimmed(): void
    {
        $this->assertSame('Room 1', trim(' Room 1 '));
    }
}
