//! A grid of cells that live and die.

/// Does a cell live on, with so many living neighbours?
pub fn lives(alive: bool, neighbours: u8) -> bool {
    neighbours == 3 || alive && neighbours == 2
}

#[cfg(test)]
mod tests {
    use super::lives;

    #[test]
    fn two_neighbours_keep_a_cell_but_make_none() {
        assert!(lives(true, 2));
        assert!(!lives(false, 2));
    }
}
