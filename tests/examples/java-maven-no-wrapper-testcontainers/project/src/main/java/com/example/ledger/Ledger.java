package com.example.ledger;

import java.sql.Connection;
import java.sql.SQLException;

public final class Ledger {
    private final Connection connection;

    public Ledger(Connection connection) {
        this.connection = connection;
    }

    public boolean isOpen() throws SQLException {
        return connection.isValid(1);
    }
}
