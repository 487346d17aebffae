// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Dial tcp | send ADDRESS | connect ADDRESS: what the peer says */
public class Dial {
	public static void main(String[] arguments) throws Exception {
		InetSocketAddress peer = new InetSocketAddress("2001:db8:9::1", 7777);
		if (arguments[0].equals("tcp")) {
			try (Socket s = new Socket(peer.getAddress(), peer.getPort())) {
				System.out.println(new String(s.getInputStream().readAllBytes()));
			}
			return;
		}
		try (DatagramSocket s = new DatagramSocket(0, InetAddress.getByName(arguments[1]))) {
			s.setSoTimeout(2000);
			if (arguments[0].equals("connect"))
				s.connect(peer);
			s.send(new DatagramPacket(new byte[1], 1, peer));
			DatagramPacket said = new DatagramPacket(new byte[99], 99);
			s.receive(said);
			System.out.println(new String(said.getData(), 0, said.getLength()));
		}
	}
}
