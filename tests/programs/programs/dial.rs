// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// dial tcp|udp ADDRESS: what the peer says
use std::io::Read;
use std::net::{TcpStream, UdpSocket};
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let mut said = [0; 99];
    let n = if arguments[1] == "tcp" {
        TcpStream::connect("[2001:db8:9::1]:7777")?.read(&mut said)?
    } else {
        let socket = UdpSocket::bind((arguments[2].as_str(), 0))?;
        socket.set_read_timeout(Some(Duration::from_secs(2)))?;
        socket.connect("[2001:db8:9::1]:7777")?;
        socket.send(b"x")?;
        socket.recv(&mut said)?
    };
    println!("{}", String::from_utf8_lossy(&said[..n]));
    Ok(())
}
