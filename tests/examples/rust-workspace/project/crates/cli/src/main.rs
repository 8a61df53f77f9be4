use grid_core::lives;

fn main() {
    let table: Vec<bool> = (0..9).map(|n| lives(true, n)).collect();
    println!("{table:?}");
}
