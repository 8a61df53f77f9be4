<?php

declare(strict_types=1);

namespace Acme\MoneyFormat\Tests;

use Acme\MoneyFormat\MoneyFormat;
use PHPUnit\Framework\TestCase;

final class MoneyFormatTest extends TestCase
{
    public function testEuros(): void
    {
        self::assertSame('€12.50', (new MoneyFormat())->format(1250, 'EUR', 'en_IE'));
    }
}
