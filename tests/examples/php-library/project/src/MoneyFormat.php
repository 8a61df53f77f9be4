<?php

declare(strict_types=1);

namespace Acme\MoneyFormat;

final class MoneyFormat
{
    public function format(int $cents, string $currency, string $locale): string
    {
        return (new \NumberFormatter($locale, \NumberFormatter::CURRENCY))->formatCurrency($cents / 100, $currency);
    }
}
